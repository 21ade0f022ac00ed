/** Numbers to try, one button each. */

import { newElement } from '../phone-module/dom.ts';
import { element } from './dom.ts';
import type { SuggestedNumber } from './settings.ts';

export class Suggestions {
  readonly #buttons = new Map<string, HTMLButtonElement>();

  /** Replaces those that were shown before. */
  offer(numbers: readonly SuggestedNumber[], dial: (number: string) => void): void {
    this.#buttons.clear();
    for (const { number, text } of numbers) {
      const button = newElement(
        'button',
        'suggestion',
        newElement('span', 'suggestion-number', number),
        newElement('span', 'suggestion-text', text),
      );
      button.type = 'button';
      button.addEventListener('click', () => dial(number));
      this.#buttons.set(number, button);
    }
    element('suggestion-list').replaceChildren(...[...this.#buttons.values()].map((button) => newElement('li', '', button)));
    element('suggestions').hidden = numbers.length === 0;
  }

  /** While a call is on, only the number that it goes to is lit. */
  show(calling: string | null): void {
    for (const [number, button] of this.#buttons) {
      button.disabled = calling !== null;
      button.toggleAttribute('data-calling', number === calling);
    }
  }
}
