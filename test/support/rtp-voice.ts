/** One voice in RTP, whatever carries the packets: sends a steady tone and RFC 4733 digits, measures what it hears. */

import { decodeG711, encodeG711, type G711, g711PayloadTypes } from './g711.ts';
import type { UdpAddress } from './plain-sip.ts';
import { sine } from './tone-meter.ts';

export interface ReceivedPacket {
  readonly bytes: Buffer;
  readonly from: UdpAddress;
  /** Milliseconds of the monotonic clock. */
  readonly atMs: number;
}

export interface ToneOptions {
  readonly frequencyHz?: number;
  readonly levelDbfs?: number;
  readonly codec?: G711;
  /** Audio in each packet. */
  readonly packetMs?: number;
}

const packetMs = 20;

export class RtpVoice {
  /** Every RTP packet, as it came. */
  readonly packets: ReceivedPacket[] = [];
  readonly ssrc = Math.floor(Math.random() * 2 ** 32);
  readonly #transmit: (packet: Buffer) => void;
  readonly #telephoneEvent: number;
  #onward: ((packet: Buffer) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #sequence = Math.floor(Math.random() * 2 ** 15);
  #timestamp = Math.floor(Math.random() * 2 ** 31);

  /** `telephoneEvent`: the payload type of digits, both ways. */
  constructor(transmit: (packet: Buffer) => void, { telephoneEvent = 101 } = {}) {
    this.#transmit = transmit;
    this.#telephoneEvent = telephoneEvent;
  }

  /** A tone without end, until `stop`: 50 packets a second unless told otherwise. */
  sendTone({ frequencyHz = 1004, levelDbfs = -10, codec = 'PCMU', packetMs = 20 }: ToneOptions = {}): void {
    const packetSamples = packetMs * 8;
    this.stop();
    // Whole packets of 10, 20 and 30 ms.
    const audio = encodeG711(codec, sine(frequencyHz, levelDbfs, 8000, 3));
    const startMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      while (sent * packetMs <= performance.now() - startMs) {
        const at = (sent * packetSamples) % audio.length;
        this.send(audio.subarray(at, at + packetSamples), { payloadType: g711PayloadTypes[codec], marker: sent === 0 });
        this.#timestamp += packetSamples;
        sent += 1;
      }
    }, packetMs / 2);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One RTP packet at the line's present timestamp. */
  send(payload: Uint8Array, { payloadType, marker = false }: { payloadType: number; marker?: boolean }): void {
    const packet = Buffer.alloc(12 + payload.length);
    packet[0] = 0x80;
    packet[1] = (marker ? 0x80 : 0) | payloadType;
    packet.writeUInt16BE(this.#sequence & 0xffff, 2);
    packet.writeUInt32BE(this.#timestamp >>> 0, 4);
    packet.writeUInt32BE(this.ssrc, 8);
    packet.set(payload, 12);
    this.#sequence += 1;
    this.#transmit(packet);
  }

  /** A digit as RFC 4733 events: 50 packets a second, three more with the end bit. Audio pauses meanwhile. */
  async sendDigit(digit: string, durationMs = 100): Promise<void> {
    this.stop();
    const event = '0123456789*#ABCD'.indexOf(digit);
    for (let elapsedMs = packetMs; elapsedMs <= durationMs; elapsedMs += packetMs) {
      this.send(eventPayload(event, elapsedMs, false), { payloadType: this.#telephoneEvent, marker: elapsedMs === packetMs });
      await new Promise((done) => setTimeout(done, packetMs));
    }
    for (let copy = 0; copy < 3; copy += 1) this.send(eventPayload(event, durationMs, true), { payloadType: this.#telephoneEvent });
    this.#timestamp += durationMs * 8;
  }

  /** Audio received since a moment, laid out by RTP timestamp: what never came is silence. */
  heard(sinceMs = 0): Float32Array {
    const audio = this.packets.filter(({ bytes, atMs }) => atMs >= sinceMs && codecOf(bytes) !== undefined);
    const first = audio[0]?.bytes.readUInt32BE(4) ?? 0;
    const at = (bytes: Buffer): number => (bytes.readUInt32BE(4) - first) | 0;
    const length = audio.reduce((end, { bytes }) => Math.max(end, at(bytes) + bytes.length - 12), 0);
    const samples = new Float32Array(length);
    for (const { bytes } of audio) {
      if (at(bytes) >= 0) samples.set(decodeG711(codecOf(bytes) ?? 'PCMU', bytes.subarray(12)), at(bytes));
    }
    return samples;
  }

  /** The digits that came as RFC 4733 events, each once. */
  digits(): string {
    const events = new Map<number, string>();
    for (const { bytes } of this.packets) {
      if (payloadType(bytes) === this.#telephoneEvent) events.set(bytes.readUInt32BE(4), '0123456789*#ABCD'[bytes[12] ?? 0] ?? '?');
    }
    return [...events.values()].join('');
  }

  /** What comes in here goes out there, under the payload types of the far end: a switch that joins two calls. */
  forwardTo(other: RtpVoice, payloadTypes: ReadonlyMap<number, number>): void {
    this.#onward = (packet) => {
      const type = payloadTypes.get(payloadType(packet));
      if (type === undefined) return;
      const renamed = Buffer.from(packet);
      renamed[1] = ((packet[1] ?? 0) & 0x80) | type;
      other.#transmit(renamed);
    };
  }

  protected receive(bytes: Buffer, from: UdpAddress): void {
    this.packets.push({ bytes, from, atMs: performance.now() });
    this.#onward?.(bytes);
  }
}

export function payloadType(packet: Buffer): number {
  return (packet[1] ?? 0) & 0x7f;
}

function codecOf(packet: Buffer): G711 | undefined {
  const type = payloadType(packet);
  return type === g711PayloadTypes.PCMU ? 'PCMU' : type === g711PayloadTypes.PCMA ? 'PCMA' : undefined;
}

function eventPayload(event: number, elapsedMs: number, end: boolean): Uint8Array {
  const duration = elapsedMs * 8;
  return Uint8Array.of(event, (end ? 0x80 : 0) | 10, duration >> 8, duration & 0xff);
}
