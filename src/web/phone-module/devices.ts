/** Microphone and loudspeaker. */

export type DeviceKind = 'audioinput' | 'audiooutput';

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

/** `id` '' is the system's choice. Rejects with getUserMedia's error, or with one named InsecureContext where the page may not ask. */
export async function openMicrophone(id: string): Promise<MediaStream> {
  if (!navigator.mediaDevices) throw new DOMException('no media devices', 'InsecureContext');
  // `ideal`: a headset that was unplugged since is no reason to fail.
  const device = id === '' ? {} : { deviceId: { ideal: id } };
  return navigator.mediaDevices.getUserMedia({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...device },
  });
}

export function closeStream(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Some browsers leave the choice to the system. */
export const canChooseSpeaker = 'HTMLMediaElement' in globalThis && 'setSinkId' in HTMLMediaElement.prototype;

export class Speaker {
  readonly #audio = Object.assign(new Audio(), { autoplay: true });

  play(stream: MediaStream | null): void {
    this.#audio.srcObject = stream;
  }

  /** '' is the system's choice, and what a loudspeaker that is gone gives way to. */
  async choose(id: string): Promise<void> {
    if (canChooseSpeaker) await this.#audio.setSinkId(id).catch(() => this.#audio.setSinkId(''));
  }
}
