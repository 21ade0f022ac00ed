/** Elements that a page can style from outside by `::part(name)`. */

import { newElement } from '../dom.ts';

/** Its class is the name of its part. */
export function part<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  partName: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = newElement(name, partName, ...content);
  made.setAttribute('part', partName);
  return made;
}

export function button(kind: 'go' | 'stop' | 'control', text: string, act: () => void): HTMLButtonElement {
  const made = newElement('button', kind, text);
  made.type = 'button';
  made.setAttribute('part', `button ${kind}`);
  made.addEventListener('click', act);
  return made;
}

export function pad(label: string, fill: (host: HTMLElement) => unknown): HTMLElement {
  const host = part('div', 'pad');
  host.role = 'group';
  host.ariaLabel = label;
  fill(host);
  return host;
}
