/** Text that came over the network. */

import type { JSX } from 'preact';
import { shorten } from '../safe-text.ts';

const mostShown = 80;
const mostInTitle = 400;

/** One line of it, isolated from the direction of what stands around; the rest on hovering. */
export function Text({ value, most = mostShown }: { value: string; most?: number }): JSX.Element {
  const shown = shorten(value, most);
  return shown.length < value.length ? <bdi title={shorten(value, mostInTitle)}>{shown}</bdi> : <bdi>{shown}</bdi>;
}
