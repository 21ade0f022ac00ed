/** The person's choice of microphone and loudspeaker, kept by the browser. */

import type { DeviceKind } from '../phone-module/devices.ts';

const storageKeys: Readonly<Record<DeviceKind, string>> = { audioinput: 'offhook.microphone', audiooutput: 'offhook.speaker' };

/** '' is the system's choice. */
export function chosenDevice(kind: DeviceKind): string {
  return localStorage.getItem(storageKeys[kind]) ?? '';
}

export function chooseDevice(kind: DeviceKind, id: string): void {
  localStorage.setItem(storageKeys[kind], id);
}
