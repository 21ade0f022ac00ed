/** The computer's keyboard as a dial pad, wherever nothing else wants the key. */

import { isDialKey } from '../phone-module/number.ts';

export function onDialKey(press: (key: string) => void): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || wantsKeys(event.target)) return;
    if (!isDialKey(event.key)) return;
    event.preventDefault();
    press(event.key);
  });
}

function wantsKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, select, textarea, dialog') !== null;
}
