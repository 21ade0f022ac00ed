/** The audio of one call: RTP on a pair of ports of its own, playing sounds or echoing what comes in. */

import { createSocket, type Socket } from 'node:dgram';
import { isIpv6, type SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { createRtpHeader, type RtpHeader, readRtpHeader, rtpFixedHeaderLength, writeRtpHeader } from '../rtp/header.ts';
import { digitOfEvent, readTelephoneEvent } from '../rtp/telephone-event.ts';
import type { AgreedAudio, Codec } from '../sdp/description.ts';
import { type Encode, encodePcma, encodePcmu } from './g711.ts';
import { type Sound, sampleRate, silence } from './sound.ts';

const packetMs = 20;
const packetSamples = (sampleRate * packetMs) / 1000;
/** A host that slept this long does not catch up with what it missed. */
const longestBacklogMs = 200;
const portAttempts = 50;

export interface MediaLineOptions {
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
}

export class MediaLine {
  readonly local: SocketAddress;
  /** Called once for each digit that comes as RFC 4733 events. */
  onDigit: (digit: string) => void = () => {};
  readonly #clock: Clock;
  readonly #rtp: Socket;
  readonly #rtcp: Socket;
  readonly #ssrc: number;
  readonly #header = createRtpHeader();
  #remote: SocketAddress | null = null;
  #agreed: AgreedAudio | null = null;
  #sequence: number;
  #timestamp: number;
  /** Timestamp of the digit heard last: all packets of a digit share one (RFC 4733 section 2.3). */
  #digitTimestamp: number | undefined;
  #echoes = false;
  /** From the caller's timestamps to ours. */
  #echoOffset: number | undefined;
  #sound: Sound = silence;
  #played = 0;
  #nextPacketAt = 0;
  #cancel: (() => void) | undefined;

  /** Rejects when there is no free pair of ports. */
  static async open({ host, clock, random }: MediaLineOptions): Promise<MediaLine> {
    for (let attempt = 0; attempt < portAttempts; attempt += 1) {
      const rtp = await bind(host, 0);
      const { port } = rtp.address();
      // RFC 3550 section 11: RTP on an even port, RTCP on the next one.
      const rtcp = port % 2 === 0 ? await bind(host, port + 1).catch(() => undefined) : undefined;
      if (rtcp) return new MediaLine(rtp, rtcp, clock, random);
      rtp.close();
    }
    throw new Error(`no free pair of UDP ports at ${host}`);
  }

  private constructor(rtp: Socket, rtcp: Socket, clock: Clock, random: Random) {
    const { address, port } = rtp.address();
    this.local = { host: address, port };
    this.#clock = clock;
    this.#rtp = rtp;
    this.#rtcp = rtcp;
    this.#ssrc = random.uint32();
    this.#sequence = random.uint32() & 0x7fff;
    this.#timestamp = random.uint32();
    rtp.on('message', (packet) => this.#receive(packet));
    // An unreachable peer is the call's business, and SIP tells of it.
    for (const socket of [rtp, rtcp]) socket.on('error', () => {});
  }

  /** Where audio goes from now on, and in which formats; nowhere while `remote` is null. */
  configure(remote: SocketAddress | null, agreed: AgreedAudio): void {
    this.#remote = remote;
    this.#agreed = agreed;
  }

  /** Plays from now on, silence once the sound is over. */
  play(sound: Sound): void {
    this.#echoes = false;
    this.#sound = sound;
    this.#played = 0;
    if (this.#cancel) return;
    this.#nextPacketAt = this.#clock.now();
    this.#tick();
  }

  /** Sends back what comes, digits too, from now on. */
  echo(): void {
    this.#pause();
    this.#echoes = true;
    this.#echoOffset = undefined;
  }

  close(): void {
    this.#pause();
    this.#rtp.close();
    this.#rtcp.close();
  }

  #pause(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #tick(): void {
    const now = this.#clock.now();
    this.#nextPacketAt = Math.max(this.#nextPacketAt, now - longestBacklogMs);
    for (; this.#nextPacketAt <= now; this.#nextPacketAt += packetMs) this.#playPacket();
    this.#cancel = this.#clock.after(this.#nextPacketAt - now, () => this.#tick());
  }

  #playPacket(): void {
    const codec = this.#agreed?.send.find(({ encoding }) => encoders.has(encoding.toUpperCase()));
    const encode = codec && encoders.get(codec.encoding.toUpperCase());
    if (encode) {
      const payload = Uint8Array.from({ length: packetSamples }, (_, n) => encode(this.#sound(this.#played + n) ?? 0));
      this.#send(payload, codec.payloadType, this.#timestamp, this.#played === 0);
    }
    this.#played += packetSamples;
    this.#timestamp = (this.#timestamp + packetSamples) >>> 0;
  }

  #receive(packet: Uint8Array): void {
    const header = this.#header;
    if (!readRtpHeader(packet, 0, packet.length, header)) return;
    const format = this.#agreed?.receive.find(({ payloadType }) => payloadType === header.payloadType);
    if (!format) return;
    const payload = packet.subarray(header.headerLength, header.headerLength + header.payloadLength);
    if (format.encoding === 'telephone-event') this.#hearDigit(payload, header);
    if (this.#echoes) this.#echoPacket(payload, format, header);
  }

  #hearDigit(payload: Uint8Array, { timestamp }: RtpHeader): void {
    const event = readTelephoneEvent(payload, 0, payload.length);
    const digit = event && digitOfEvent(event.event);
    if (!digit || timestamp === this.#digitTimestamp) return;
    this.#digitTimestamp = timestamp;
    this.onDigit(digit);
  }

  #echoPacket(payload: Uint8Array, format: Codec, { timestamp, marker }: RtpHeader): void {
    const back = this.#agreed?.send.find(({ encoding }) => encoding === format.encoding);
    this.#echoOffset ??= this.#timestamp - timestamp;
    this.#timestamp = (timestamp + this.#echoOffset) >>> 0;
    if (back) this.#send(payload, back.payloadType, this.#timestamp, marker);
  }

  #send(payload: Uint8Array, payloadType: number, timestamp: number, marker: boolean): void {
    const direction = this.#agreed?.direction;
    if (!this.#remote || (direction !== 'sendrecv' && direction !== 'sendonly')) return;
    const packet = new Uint8Array(rtpFixedHeaderLength + payload.length);
    writeRtpHeader(packet, 0, { marker, payloadType, sequence: this.#sequence, timestamp, ssrc: this.#ssrc });
    packet.set(payload, rtpFixedHeaderLength);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#rtp.send(packet, this.#remote.port, this.#remote.host);
  }
}

const encoders: ReadonlyMap<string, Encode> = new Map([
  ['PCMU', encodePcmu],
  ['PCMA', encodePcma],
]);

function bind(host: string, port: number): Promise<Socket> {
  const socket = createSocket(isIpv6(host) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.bind(port, host, () => {
      socket.off('error', reject);
      resolve(socket);
    });
  });
}
