/** Choice of microphone and loudspeaker. */

import { canChooseSpeaker, type DeviceKind, listDevices } from '../phone-module/devices.ts';
import { chooseDevice, chosenDevice } from './devices.ts';
import { element } from './dom.ts';

export class SoundDialog {
  readonly #dialog = element('sound', HTMLDialogElement);

  constructor(changed: (kind: DeviceKind, id: string) => void) {
    element('sound-open').addEventListener('click', () => this.#open());
    element('speaker-field').hidden = !canChooseSpeaker;
    for (const [id, kind] of choices) {
      const select = element(id, HTMLSelectElement);
      select.addEventListener('change', () => {
        chooseDevice(kind, select.value);
        changed(kind, select.value);
      });
    }
    navigator.mediaDevices?.addEventListener('devicechange', () => this.#refresh());
  }

  #open(): void {
    this.#refresh();
    this.#dialog.showModal();
  }

  #refresh(): void {
    Promise.all(choices.map(([id, kind]) => fill(element(id, HTMLSelectElement), kind))).then(
      (counts) => {
        element('sound-hint').hidden = counts.some((count) => count > 0);
      },
      () => {},
    );
  }
}

const choices = [
  ['microphone-choice', 'audioinput'],
  ['speaker-choice', 'audiooutput'],
] as const;

async function fill(select: HTMLSelectElement, kind: DeviceKind): Promise<number> {
  const devices = await listDevices(kind);
  select.replaceChildren(new Option('System default', ''), ...devices.map(({ id, label }) => new Option(label, id)));
  const chosen = chosenDevice(kind);
  select.value = devices.some(({ id }) => id === chosen) ? chosen : '';
  return devices.length;
}
