/** Twelve keys for mouse, touch and keyboard. */

import { newElement } from './dom.ts';

const keys = [
  ['1', ''],
  ['2', 'abc'],
  ['3', 'def'],
  ['4', 'ghi'],
  ['5', 'jkl'],
  ['6', 'mno'],
  ['7', 'pqrs'],
  ['8', 'tuv'],
  ['9', 'wxyz'],
  ['*', ''],
  ['0', '+'],
  ['#', ''],
] as const;

const names: ReadonlyMap<string, string> = new Map([
  ['*', 'star'],
  ['#', 'hash'],
]);

const flashMs = 140;

export class DialPad {
  readonly #buttons = new Map<string, HTMLButtonElement>();

  constructor(host: HTMLElement, press: (key: string) => void) {
    for (const [key, letters] of keys) {
      const button = newElement('button', 'key', newElement('span', 'key-digit', key), newElement('span', 'key-letters', letters));
      button.type = 'button';
      button.setAttribute('aria-label', names.get(key) ?? key);
      button.addEventListener('click', () => press(key));
      this.#buttons.set(key, button);
      host.append(button);
    }
  }

  /** Shows a key of the keyboard as pressed. */
  flash(key: string): void {
    const button = this.#buttons.get(key);
    if (!button) return;
    button.dataset['pressed'] = '';
    setTimeout(() => delete button.dataset['pressed'], flashMs);
  }
}
