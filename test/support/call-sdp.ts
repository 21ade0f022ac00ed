/** What the parties of a call say in SDP: a real Chromium's words with other directions and credentials, and a plain carrier. */

import type { Direction } from '../../src/sdp/description.ts';
import { sdpFixtures } from './sdp-fixtures.ts';

/** One end of a media session, as its SIP user sees it. */
export interface Audio {
  /** A hold is `sendonly`. */
  wish: Direction;
  /** Encoding names that it takes, in its order; null: all that it knows. */
  codecs: readonly string[] | null;
  offer(): string;
  answer(offer: string): string;
}

interface Payload {
  readonly number: string;
  /** As in a=rtpmap: `PCMU/8000`. */
  readonly map: string;
}

/** Instead of an answer. */
export class NoCommonCodec extends Error {}

const staticMaps = new Map([
  ['0', 'PCMU/8000'],
  ['8', 'PCMA/8000'],
  ['9', 'G722/8000'],
]);

/** The m=audio line's payload types with their meaning. */
function payloads(sdp: string): Payload[] {
  const numbers = /^m=audio \d+ \S+ (.*)$/m.exec(sdp)?.[1]?.trim().split(' ') ?? [];
  return numbers.map((number) => {
    const map = new RegExp(`^a=rtpmap:${number} (\\S+)`, 'm').exec(sdp)?.[1];
    return { number, map: map ?? staticMaps.get(number) ?? '' };
  });
}

/** `PCMU PCMA telephone-event`, in the order of the description. */
export function codecsOf(sdp: string): string {
  return payloads(sdp)
    .map(({ map }) => map.split('/')[0])
    .join(' ');
}

export function directionOf(sdp: string): Direction {
  return (/^a=(sendrecv|sendonly|recvonly|inactive)\r?$/m.exec(sdp)?.[1] ?? 'sendrecv') as Direction;
}

export function attributeOf(sdp: string, name: string): string | undefined {
  return new RegExp(`^a=${name}:(.*?)\\r?$`, 'm').exec(sdp)?.[1];
}

/** What must never change on a browser's side: the m-line with its port, mid, ICE, DTLS and stream. */
export function identityOf(sdp: string): string[] {
  const media = /^m=audio \d+ \S+/m.exec(sdp)?.[0] ?? '';
  return [media, ...['mid', 'ice-ufrag', 'ice-pwd', 'fingerprint', 'candidate', 'ssrc'].map((name) => attributeOf(sdp, name) ?? '')];
}

const bits = new Map<Direction, readonly [send: boolean, receive: boolean]>([
  ['sendrecv', [true, true]],
  ['sendonly', [true, false]],
  ['recvonly', [false, true]],
  ['inactive', [false, false]],
]);

/** RFC 3264 section 6.1: the answerer sends what the offerer receives and the other way round. */
function answering(wish: Direction, offered: Direction): Direction {
  const [send, receive] = bits.get(wish) ?? [];
  const [theySend, theyReceive] = bits.get(offered) ?? [];
  const wanted = [send && theyReceive, receive && theySend];
  for (const [direction, [sends, receives]] of bits) if (wanted[0] === sends && wanted[1] === receives) return direction;
  throw new Error(`no answer to ${offered}`);
}

function taken(offer: string, codecs: readonly string[] | null): Payload[] {
  const isTaken = (map: string) => codecs === null || map.startsWith('telephone-event') || codecs.includes(map.split('/')[0] ?? '');
  return payloads(offer).filter(({ map }) => isTaken(map));
}

const chromium = sdpFixtures.find(({ name }) => name === 'chromium-156');

function chromiumText(role: 'offer' | 'answer'): string {
  const text = role === 'offer' ? chromium?.outbound?.offer : chromium?.inbound?.answer;
  if (!text) throw new Error('the Chromium fixture is incomplete');
  return text.replaceAll(/\r?\n/g, '\r\n');
}

/** Chromium, in the words of its fixture. */
export class ChromiumAudio implements Audio {
  wish: Direction = 'sendrecv';
  codecs: readonly string[] | null = null;
  readonly #name: string;
  #version = 1;
  #iceGeneration = 0;

  constructor(name: string) {
    this.#name = name.slice(0, 3).padEnd(3, 'x');
  }

  offer(): string {
    const text = this.#own(chromiumText('offer'));
    const kept = this.codecs === null ? payloads(text) : taken(text, this.codecs);
    return withPayloads(text, kept).replace('a=sendrecv', `a=${this.wish}`);
  }

  answer(offer: string): string {
    const text = this.#own(chromiumText('answer'));
    const direction = answering(this.wish, directionOf(offer));
    const mid = attributeOf(offer, 'mid') ?? '0';
    return withPayloads(text, taken(offer, this.codecs))
      .replace('a=sendrecv', `a=${direction}`)
      .replaceAll(/^(a=mid:|a=group:BUNDLE ).*$/gm, `$1${mid}`);
  }

  /** New credentials from the next description on (RFC 8839 section 4.4.1.1.1). */
  restartIce(): void {
    this.#iceGeneration += 1;
  }

  #own(text: string): string {
    this.#version += 1;
    return text
      .replace(/^o=(\S+) (\S+) \S+/m, `o=$1 $2 ${this.#version}`)
      .replace(/^a=ice-ufrag:.*$/m, `a=ice-ufrag:${this.#name}${this.#iceGeneration}`)
      .replace(/^a=ice-pwd:.*$/m, `a=ice-pwd:${this.#name}PasswordOfTwentyTwoChars${this.#iceGeneration}`);
  }
}

/** The same description with other payload types. */
function withPayloads(sdp: string, kept: readonly Payload[]): string {
  const lines = sdp.split('\r\n').filter((line) => !/^a=(rtpmap|fmtp|rtcp-fb):/.test(line));
  const media = lines.findIndex((line) => line.startsWith('m=audio'));
  const head = (lines[media] ?? '').split(' ').slice(0, 3);
  lines[media] = [...head, ...kept.map(({ number }) => number)].join(' ');
  const mux = lines.indexOf('a=rtcp-mux');
  lines.splice(mux + 1, 0, ...kept.map(({ number, map }) => `a=rtpmap:${number} ${map}`));
  return lines.join('\r\n');
}

const carrierPayloads: readonly Payload[] = [
  { number: '0', map: 'PCMU/8000' },
  { number: '8', map: 'PCMA/8000' },
  { number: '101', map: 'telephone-event/8000' },
];

/** A carrier's media gateway: one m= line, no attribute too many. */
export class CarrierAudio implements Audio {
  wish: Direction = 'sendrecv';
  codecs: readonly string[] | null = null;
  telephoneEvents = true;
  host = '198.51.100.30';
  port = 20000;
  ptimeMs: number | null = null;
  #version = 1;

  offer(): string {
    return this.#write(this.#ordered(carrierPayloads), this.wish);
  }

  answer(offer: string): string {
    return this.#write(this.#ordered(payloads(offer)), answering(this.wish, directionOf(offer)));
  }

  /** In its own order of preference. */
  #ordered(offered: readonly Payload[]): Payload[] {
    const isEvent = ({ map }: Payload) => map.startsWith('telephone-event');
    const audio = offered.filter((payload) => !isEvent(payload) && payload.map !== 'CN/8000');
    const chosen = this.codecs?.flatMap((name) => audio.find(({ map }) => map.startsWith(`${name}/`)) ?? []) ?? audio;
    if (chosen.length === 0) throw new NoCommonCodec();
    return this.telephoneEvents ? [...chosen, ...offered.filter(isEvent)] : chosen;
  }

  #write(kept: readonly Payload[], direction: Direction): string {
    this.#version += 1;
    return [
      'v=0',
      `o=carrier 2890844526 ${this.#version} IN IP4 ${this.host}`,
      's=-',
      `c=IN IP4 ${this.host}`,
      't=0 0',
      `m=audio ${this.port} RTP/AVP ${kept.map(({ number }) => number).join(' ')}`,
      ...kept.map(({ number, map }) => `a=rtpmap:${number} ${map}`),
      ...(this.ptimeMs === null ? [] : [`a=ptime:${this.ptimeMs}`]),
      `a=${direction}`,
      '',
    ].join('\r\n');
  }
}
