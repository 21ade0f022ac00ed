/** What is to be dialled: typed on the keyboard, on the pad, or pasted. */

import { normaliseNumber } from '../phone-module/number.ts';
import { element } from './dom.ts';

export class NumberField {
  readonly #input = element('number', HTMLInputElement);
  #last = '';

  constructor() {
    this.#input.addEventListener('input', () => this.#fit());
    element('erase').addEventListener('click', () => {
      this.#input.value = this.#input.value.slice(0, -1);
      this.#fit();
    });
  }

  /** Puts a character where the cursor is. */
  type(character: string): void {
    const { value, selectionStart, selectionEnd } = this.#input;
    this.#input.setRangeText(character, selectionStart ?? value.length, selectionEnd ?? value.length, 'end');
    this.#fit();
  }

  /**
   * The number to call, and '' if there is none. As on a telephone, to call nothing brings back the last number,
   * to be looked at before it is called again.
   */
  take(): string {
    const number = normaliseNumber(this.#input.value);
    this.set(number || this.#last);
    this.#last = number || this.#last;
    return number;
  }

  set(number: string): void {
    this.#input.value = number;
    this.#fit();
  }

  /** Ready to type; what stands there gives way to the first key. */
  select(): void {
    this.#input.focus({ preventScroll: true });
    this.#input.select();
  }

  #fit(): void {
    this.#input.style.setProperty('--length', String(this.#input.value.length));
  }
}
