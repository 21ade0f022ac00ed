/** The pad of a running call, in the place of the level display. */

import { DialPad } from '../phone-module/dial-pad.ts';
import { element } from './dom.ts';

export class Keypad {
  readonly #pad: DialPad;

  constructor(press: (digit: string) => void) {
    this.#pad = new DialPad(element('digit-pad'), press, { withPlus: false });
    element('keypad').addEventListener('click', () => this.open(element('keypad').ariaExpanded !== 'true'));
  }

  open(open: boolean): void {
    element('keys').hidden = !open;
    element('levels').hidden = open;
    element('keypad').setAttribute('aria-expanded', String(open));
  }

  flash(digit: string): void {
    this.#pad.flash(digit);
  }
}
