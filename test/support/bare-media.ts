/** The media of a browser phone that does nothing by itself: a test says when it checks, shakes hands and talks, and how it errs. */

import { systemRandom } from '../../src/base/random.ts';
import { writeRtcp } from '../../src/rtp/rtcp.ts';
import { encodeG711 } from './g711.ts';
import { MediaBrowser, type MediaBrowserOptions } from './media-browser.ts';
import type { PhoneMedia } from './phone-call.ts';
import { RtpSource } from './rtp-peer.ts';
import { sine } from './tone-meter.ts';
import { pause, until } from './until.ts';

export interface BareMediaOptions extends MediaBrowserOptions {
  /** Payload types with their a=rtpmap, as offered. */
  readonly formats?: ReadonlyMap<number, string>;
  readonly candidates?: readonly string[];
  /** Instead of the ICE password that the gateway gave. */
  readonly gatewayPwd?: string;
}

export interface TalkOptions {
  /** The same audio in every packet. */
  readonly packet?: Uint8Array;
  readonly payloadType?: number;
  /** One of so many packets is lost. */
  readonly loseEvery?: number;
}

const usualFormats: ReadonlyMap<number, string> = new Map([
  [0, 'PCMU/8000'],
  [8, 'PCMA/8000'],
  [126, 'telephone-event/8000'],
]);

const packetMs = 20;

export class BareMedia implements PhoneMedia {
  readonly browser: MediaBrowser;
  readonly source = new RtpSource();
  readonly #options: BareMediaOptions;
  readonly #pwd = systemRandom.token(24);
  #timer: NodeJS.Timeout | undefined;

  private constructor(browser: MediaBrowser, options: BareMediaOptions) {
    this.browser = browser;
    this.#options = options;
  }

  static async open(options: BareMediaOptions = {}): Promise<BareMedia> {
    return new BareMedia(await MediaBrowser.open(options), options);
  }

  async offer(direction = 'sendrecv'): Promise<string> {
    return this.#describe(direction, 'actpass');
  }

  async accept(answer: string): Promise<void> {
    const [, host = '', port = ''] = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+)/m.exec(answer) ?? [];
    const pwd = this.#options.gatewayPwd ?? said(answer, 'ice-pwd');
    this.browser.point({ ufrag: said(answer, 'ice-ufrag'), pwd }, { host, port: Number(port) });
  }

  async answer(offer: string): Promise<string> {
    await this.accept(offer);
    return this.#describe('sendrecv', 'active');
  }

  /** ICE and DTLS. */
  connected(): Promise<void> {
    return this.browser.connect();
  }

  /** A tone until `stop`, and what is wrong with it. */
  talk({ packet, payloadType = 0, loseEvery = 0 }: TalkOptions = {}): void {
    this.stop();
    const tone = encodeG711('PCMU', sine(620, -10, 8000, 1));
    const start = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      for (; sent * packetMs <= performance.now() - start; sent += 1) {
        const at = (sent * 160) % tone.length;
        const bytes = this.source.next({ payloadType, payload: packet ?? tone.subarray(at, at + 160) });
        if (loseEvery === 0 || sent % loseEvery > 0) this.browser.sendRtp(bytes);
      }
    }, packetMs / 2);
  }

  /** Reports on what it hears (RFC 3550 section 6.4.2), `delayMs` after the gateway's own report at the earliest. */
  async report({ lost = 0, jitterMs = 0, delayMs = 0 }: { lost?: number; jitterMs?: number; delayMs?: number }): Promise<void> {
    const sent = await until('a report of the gateway', () => this.browser.rtcp.find((packet) => packet.type === 'sr'));
    await pause(delayMs);
    const lastSenderReport = ((sent.ntpSeconds & 0xffff) * 0x10000 + (sent.ntpFraction >>> 16)) >>> 0;
    const delaySinceLastSenderReport = 0;
    const block = {
      fractionLost: 255,
      cumulativeLost: lost,
      highestSequence: 0,
      jitter: jitterMs * 8,
      lastSenderReport,
      delaySinceLastSenderReport,
    };
    this.browser.sendRtcp(writeRtcp([{ type: 'rr', ssrc: this.source.ssrc, blocks: [{ ssrc: sent.ssrc, ...block }] }]));
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.stop();
    this.browser.close();
  }

  #describe(direction: string, setup: string): string {
    const { formats = usualFormats, candidates = [] } = this.#options;
    return [
      'v=0',
      'o=- 1 1 IN IP4 127.0.0.1',
      's=-',
      't=0 0',
      'a=group:BUNDLE 0',
      `m=audio 9 UDP/TLS/RTP/SAVPF ${[...formats.keys()].join(' ')}`,
      'c=IN IP4 0.0.0.0',
      ...candidates.map((host) => `a=candidate:1 1 udp 1686052607 ${host} 50000 typ srflx raddr 0.0.0.0 rport 0`),
      `a=ice-ufrag:${this.browser.iceUfrag}`,
      `a=ice-pwd:${this.#pwd}`,
      `a=fingerprint:sha-256 ${this.browser.certificate.fingerprint.value}`,
      `a=setup:${setup}`,
      'a=mid:0',
      `a=${direction}`,
      'a=rtcp-mux',
      ...[...formats].map(([payloadType, map]) => `a=rtpmap:${payloadType} ${map}`),
      '',
    ].join('\r\n');
  }
}

function said(sdp: string, name: string): string {
  return new RegExp(`^a=${name}:(\\S+)`, 'm').exec(sdp)?.[1] ?? '';
}
