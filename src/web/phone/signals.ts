/** Which of the phone's own tones belongs to which state of a call. */

import type { CallState } from './machine.ts';
import type { Sounds } from './sounds.ts';

let playing: CallState = 'idle';

export function playSignals(sounds: Sounds, state: CallState): void {
  if (state === playing) return;
  playing = state;
  if (state === 'incoming') sounds.ring();
  else if (state === 'ringing') sounds.ringBack();
  else sounds.quiet();
}
