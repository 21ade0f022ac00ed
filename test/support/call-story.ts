/** Traces written by hand: a call that went well, and what a test changes in it. */

import type { SocketAddress } from '../../src/base/address.ts';
import type { CallEnd } from '../../src/events/call-end.ts';
import type { CallSide, LegQuality, StreamQuality } from '../../src/events/gateway-events.ts';
import type { MediaMilestone, MilestoneName } from '../../src/events/media-milestone.ts';
import { explain } from '../../src/explain/explain.ts';
import type { Finding } from '../../src/explain/finding.ts';
import type { CallEntry, QualitySample, TraceEntry } from '../../src/trace/call-trace.ts';
import type { CapturedMessage, CapturedTrace } from '../../src/trace/captured-message.ts';

/** When the call began. */
export const beginning = Date.UTC(2026, 10, 21, 12, 0, 0);

const browserPeer: SocketAddress = { host: '198.51.100.77', port: 51000 };
const trunkPeer: SocketAddress = { host: '203.0.113.9', port: 5060 };
const own: SocketAddress = { host: '192.0.2.1', port: 5060 };

export interface Spoken {
  readonly host?: string;
  readonly origin?: string;
  readonly port?: number;
  readonly formats?: string;
  readonly extra?: readonly string[];
}

/** A plain description. */
export function plainSdp({ host = '203.0.113.9', origin = host, port = 20_000, formats = '0 101', extra = [] }: Spoken = {}): string {
  const lines = ['v=0', `o=- 1 1 IN IP4 ${origin}`, 's=-', `c=IN IP4 ${host}`, 't=0 0', `m=audio ${port} RTP/AVP ${formats}`];
  const events = formats.split(' ').includes('101') ? ['a=rtpmap:101 telephone-event/8000'] : [];
  return [...lines, ...events, ...extra, ''].join('\r\n');
}

/** A browser's, or ours to it. */
export function iceSdp(candidates: readonly string[]): string {
  const named = candidates.map((host) => `a=candidate:1 1 udp 2130706431 ${host} 40000 typ host`);
  return plainSdp({ host: '0.0.0.0', port: 9, formats: '0 8 101', extra: ['a=ice-ufrag:abcd', `a=ice-pwd:${'p'.repeat(24)}`, ...named] });
}

export interface Told {
  readonly side?: CallSide;
  readonly direction?: 'received' | 'sent';
  readonly remote?: SocketAddress;
  readonly cseq?: string;
  readonly via?: string;
  readonly contact?: string;
  readonly headers?: readonly string[];
  readonly sdp?: string;
  readonly body?: string;
}

/** Descriptions of the four messages that have one, and what the trunk and we agreed on. */
export interface Signalled {
  readonly ours?: string;
  readonly theirs?: string;
  readonly toBrowser?: string;
  readonly ofBrowser?: string;
  readonly codec?: string | null;
}

export class CallStory {
  readonly entries: TraceEntry<CapturedMessage>[] = [];
  readonly #quality: QualitySample[] = [];
  #at = beginning;
  #end: { at: number; end: CallEnd } | null = null;
  #answeredAt: number | null = null;

  /** Goes on in time. */
  wait(ms: number): this {
    this.#at += ms;
    return this;
  }

  sip(firstLine: string, told: Told = {}): this {
    const { side = 'trunk', direction = 'received', cseq = '1 INVITE', contact, headers = [], sdp, body = sdp ?? '' } = told;
    const remote = told.remote ?? (side === 'trunk' ? trunkPeer : browserPeer);
    const head = [
      firstLine,
      `Via: ${told.via ?? 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1'}`,
      'Max-Forwards: 70',
      'From: <sip:a@example.com>;tag=1',
      'To: <sip:b@example.com>;tag=2',
      `Call-ID: ${side}-leg`,
      `CSeq: ${cseq}`,
      ...(contact ? [`Contact: ${contact}`] : []),
      ...headers,
      ...(sdp ? ['Content-Type: application/sdp'] : []),
      `Content-Length: ${Buffer.byteLength(body)}`,
    ];
    const octets = Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`).toString('latin1');
    const method = cseq.slice(cseq.indexOf(' ') + 1);
    const about = { side, direction, transport: 'udp', local: own, remote, sipCallId: `${side}-leg`, method } as const;
    this.entries.push({ at: this.#at, kind: 'sip', ...about, octets });
    return this;
  }

  milestone(side: CallSide, what: MilestoneName, detail = '', remote: SocketAddress | null = null): this {
    const milestone: MediaMilestone = { side, at: this.#at, what, remote, detail };
    this.entries.push({ at: this.#at, kind: 'milestone', milestone });
    return this;
  }

  event(what: CallEntry['what'], detail = ''): this {
    if (what === 'answered') this.#answeredAt = this.#at;
    this.entries.push({ at: this.#at, kind: 'call', what, detail });
    return this;
  }

  agreed(side: CallSide, codec: string | null = 'PCMU/8000', direction = 'sendrecv'): this {
    this.entries.push({ at: this.#at, kind: 'media', side, codec, direction, ptimeMs: 20 });
    return this;
  }

  measured(...legs: readonly LegQuality[]): this {
    this.#quality.push({ at: this.#at, legs });
    return this;
  }

  ended(end: CallEnd = { cause: 'hung-up', side: 'browser' }): this {
    this.#end = { at: this.#at, end };
    return this.event('ended', end.cause);
  }

  /** The trunk rings and answers a call of a browser; nothing of media yet. */
  signalled(changes: Signalled = {}): this {
    const ours = changes.ours ?? plainSdp({ host: '192.0.2.1', port: 30_000 });
    const contact = '<sip:alice@192.0.2.1:5060>';
    this.event('started')
      .sip('INVITE sip:+15550123@example.com SIP/2.0', { side: 'browser', sdp: changes.ofBrowser ?? iceSdp(['198.51.100.77']) })
      .sip('INVITE sip:+15550123@203.0.113.9 SIP/2.0', { direction: 'sent', contact, sdp: ours })
      .wait(100)
      .sip('SIP/2.0 200 OK', { contact: '<sip:gw@203.0.113.9>', sdp: changes.theirs ?? plainSdp() })
      .sip('ACK sip:gw@203.0.113.9 SIP/2.0', { direction: 'sent', cseq: '1 ACK', contact })
      .sip('SIP/2.0 200 OK', { side: 'browser', direction: 'sent', sdp: changes.toBrowser ?? iceSdp(['192.0.2.1']) });
    return this.agreed('browser').agreed('trunk', changes.codec).event('answered');
  }

  /** ICE and DTLS of the browser. */
  connected(): this {
    this.milestone('browser', 'ice-check').milestone('browser', 'ice-validated').milestone('browser', 'ice-nominated');
    return this.wait(50).milestone('browser', 'dtls-hello').wait(50).milestone('browser', 'dtls-connected', 'SRTP_AEAD_AES_128_GCM');
  }

  /** Both talk, for so long. */
  talking(ms = 10_000): this {
    this.milestone('browser', 'rtp-began', 'PCMU, payload type 0').milestone('trunk', 'rtp-began', 'PCMU, payload type 0');
    return this.wait(ms).measured(leg('browser'), leg('trunk'));
  }

  get trace(): CapturedTrace {
    const parties = { callId: 'c1', direction: 'outbound', user: 'alice', number: '+15550123', trunk: 'carrier' } as const;
    const record = this.#end && {
      ...parties,
      invitedAt: beginning,
      ringingAt: null,
      earlyMediaAt: null,
      answeredAt: this.#answeredAt,
      endedAt: this.#end.at,
      end: this.#end.end,
      codec: 'PCMU',
      quality: this.#quality.at(-1)?.legs ?? [],
    };
    return { callId: parties.callId, parties, entries: this.entries, truncated: false, record, quality: this.#quality };
  }

  /** As of now in the story. */
  explain(): readonly Finding[] {
    return explain(this.trace, this.#at);
  }

  /** Rules that found something. */
  get found(): readonly string[] {
    return this.explain().map(({ rule }) => rule);
  }
}

const noDrops = { malformed: 0, source: 0, authentication: 0, replay: 0, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 };

/** A leg in good health. */
export function leg(
  side: CallSide,
  changes: { received?: Partial<StreamQuality>; sent?: Partial<StreamQuality> } & Partial<Omit<LegQuality, 'received' | 'sent'>> = {},
): LegQuality {
  const good: StreamQuality = { packets: 500, bytes: 80_000, lost: 0, jitterMs: 2 };
  const { received, sent, ...others } = changes;
  return {
    side,
    received: { ...good, ...received },
    sent: { ...good, ...sent },
    roundTripMs: 20,
    mos: 4.4,
    dropped: noDrops,
    iceChecks: side === 'browser' ? 5 : 0,
    iceChecksRefused: 0,
    ...others,
  };
}
