/** The page's ears and voice: a steady tone as microphone, raw samples of what the far end sends. */

import type { Recording } from './phone-verbs.ts';

const recorderModule = `
registerProcessor('recorder', class extends AudioWorkletProcessor {
  process([input]) {
    if (input[0]) this.port.postMessage(input[0].slice());
    return true;
  }
});`;

/** For a microphone of flesh the browser would clean the sound; a synthetic stream passes as it is, and a test wants it so. */
export const rawAudio: MediaTrackConstraints = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };

export class ToneAudio {
  readonly #context = new AudioContext({ sampleRate: 48_000 });
  readonly #voice = this.#context.createMediaStreamDestination();
  readonly #player = new Audio();
  readonly #given: MediaStreamTrack[] = [];
  #source: MediaStreamAudioSourceNode | undefined;

  async start(toneHz: number, levelDbfs: number): Promise<void> {
    await this.#context.audioWorklet.addModule(URL.createObjectURL(new Blob([recorderModule], { type: 'text/javascript' })));
    await this.#context.resume();
    const gain = new GainNode(this.#context, { gain: 10 ** (levelDbfs / 20) });
    const tone = new OscillatorNode(this.#context, { frequency: toneHz });
    tone.connect(gain).connect(this.#voice);
    tone.start();
    for (const track of this.#voice.stream.getAudioTracks()) await track.applyConstraints(rawAudio).catch(() => {});
  }

  /** The tone as a stream of its own, so that a library may stop its tracks. */
  microphone(): MediaStream {
    const stream = this.#voice.stream.clone();
    this.#given.push(...stream.getTracks());
    return stream;
  }

  /** As the button of a page does it. */
  mute(): void {
    for (const track of this.#given) track.enabled = false;
  }

  listenTo(connection: RTCPeerConnection): void {
    connection.addEventListener('track', ({ track }) => {
      const stream = new MediaStream([track]);
      // Chromium delivers remote audio to WebAudio only while an element plays the stream.
      this.#player.srcObject = stream;
      this.#player.muted = true;
      void this.#player.play();
      this.#source?.disconnect();
      this.#source = this.#context.createMediaStreamSource(stream);
    });
  }

  /** The page is told of an answer a moment before the browser has taken it. */
  async #heard(): Promise<MediaStreamAudioSourceNode> {
    while (!this.#source) await new Promise((resolve) => setTimeout(resolve, 10));
    return this.#source;
  }

  async record(seconds: number): Promise<Recording> {
    const source = await this.#heard();
    const recorder = new AudioWorkletNode(this.#context, 'recorder', { numberOfOutputs: 0, channelCount: 1, channelCountMode: 'explicit' });
    const wanted = Math.round(seconds * this.#context.sampleRate);
    const samples = new Float32Array(wanted);
    let filled = 0;
    await new Promise<void>((done) => {
      recorder.port.onmessage = ({ data }: MessageEvent<Float32Array>) => {
        samples.set(data.subarray(0, wanted - filled), filled);
        filled = Math.min(wanted, filled + data.length);
        if (filled === wanted) done();
      };
      source.connect(recorder);
    });
    source.disconnect(recorder);
    return { rate: this.#context.sampleRate, samples: base64(new Uint8Array(samples.buffer)) };
  }
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}
