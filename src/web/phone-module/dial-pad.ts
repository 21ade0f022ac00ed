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
/** 0 held this long is a plus. */
const holdMs = 500;

export class DialPad {
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #press: (key: string) => void;
  readonly #withPlus: boolean;

  constructor(host: HTMLElement, press: (key: string) => void, { withPlus }: { readonly withPlus: boolean }) {
    this.#press = press;
    this.#withPlus = withPlus;
    host.append(...keys.map(([key, letters]) => this.#button(key, letters)));
  }

  /** Shows a key of the keyboard as pressed. */
  flash(key: string): void {
    const button = this.#buttons.get(key);
    if (!button) return;
    button.dataset['pressed'] = '';
    setTimeout(() => delete button.dataset['pressed'], flashMs);
  }

  #button(key: string, letters: string): HTMLButtonElement {
    const isPlus = letters === '+';
    const button = newElement('button', 'key', newElement('span', 'key-digit', key));
    if (!isPlus || this.#withPlus) button.append(newElement('span', 'key-letters', letters));
    button.type = 'button';
    button.setAttribute('aria-label', names.get(key) ?? key);
    // The focus stays where it is: Enter after a few clicks is to call, not to repeat the last key.
    button.addEventListener('mousedown', (event) => event.preventDefault());
    if (isPlus && this.#withPlus) this.#onHold(button, key);
    else button.addEventListener('click', () => this.#press(key));
    this.#buttons.set(key, button);
    return button;
  }

  #onHold(button: HTMLButtonElement, key: string): void {
    let timer = 0;
    let held = false;
    button.addEventListener('pointerdown', () => {
      held = false;
      timer = setTimeout(() => {
        held = true;
        this.#press('+');
      }, holdMs);
    });
    for (const end of ['pointerup', 'pointerleave', 'pointercancel']) button.addEventListener(end, () => clearTimeout(timer));
    button.addEventListener('contextmenu', (event) => event.preventDefault());
    button.addEventListener('click', () => {
      if (!held) this.#press(key);
      held = false;
    });
  }
}
