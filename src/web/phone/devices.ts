/** Microphone and loudspeaker, and the person's choice of them. */

export type DeviceKind = 'audioinput' | 'audiooutput';

const storageKeys: Readonly<Record<DeviceKind, string>> = { audioinput: 'offhook.microphone', audiooutput: 'offhook.speaker' };

/** '' is the system's choice. */
export function chosenDevice(kind: DeviceKind): string {
  return localStorage.getItem(storageKeys[kind]) ?? '';
}

export function chooseDevice(kind: DeviceKind, id: string): void {
  localStorage.setItem(storageKeys[kind], id);
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

/** Without permission for the microphone browsers list devices without names; those are left out. */
export async function listDevices(kind: DeviceKind): Promise<readonly Device[]> {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return devices
    .filter((device) => device.kind === kind && device.label !== '' && device.deviceId !== 'default')
    .map(({ deviceId, label }) => ({ id: deviceId, label }));
}

/** Rejects with getUserMedia's error, or with one named InsecureContext where the page may not ask. */
export async function openMicrophone(): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('no media devices', 'InsecureContext');
  const id = chosenDevice('audioinput');
  // `ideal`: a headset that was unplugged since is no reason to fail.
  const device = id === '' ? {} : { deviceId: { ideal: id } };
  return navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...device },
  });
}

export function closeStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

export const canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;

export async function useChosenSpeaker(audio: HTMLAudioElement): Promise<void> {
  if (!canChooseSpeaker) return;
  await audio.setSinkId(chosenDevice('audiooutput')).catch(() => audio.setSinkId(''));
}
