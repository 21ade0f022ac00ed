/** A relay with one bridged call on it: a browser, a plain RTP peer, and everything that the session says. */

import { silentLog } from '../../src/base/log.ts';
import type { LegQuality } from '../../src/events/gateway-events.ts';
import { createLocalRelay } from '../../src/relay/local.ts';
import type {
  BrowserLegLocal,
  LegMedia,
  LegMilestone,
  MediaRelay,
  MediaSession,
  MediaSessionEvents,
  PayloadFormat,
  TrunkLegLocal,
} from '../../src/relay/media-relay.ts';
import type { RelayOptions } from '../../src/relay/relay-options.ts';
import { MediaBrowser, type MediaBrowserOptions } from './media-browser.ts';
import { RtpPeer } from './rtp-peer.ts';
import { until } from './until.ts';

export const pcmu: PayloadFormat = { payloadType: 0, encoding: 'PCMU', clockRate: 8000, channels: 1 };
const trunkEvents: PayloadFormat = { payloadType: 101, encoding: 'telephone-event', clockRate: 8000, channels: 1 };
const browserEvents: PayloadFormat = { payloadType: 126, encoding: 'telephone-event', clockRate: 8000, channels: 1 };

export function media(formats: readonly PayloadFormat[], direction: LegMedia['direction'] = 'sendrecv'): LegMedia {
  return { direction, receive: formats, send: formats, ptimeMs: null };
}

export const browserMedia = media([pcmu, browserEvents]);
export const trunkMedia = media([pcmu, trunkEvents]);

export const relayOptions: RelayOptions = {
  browser: { bind: '127.0.0.1', advertise: null, port: 0 },
  trunk: { bind: '127.0.0.1', advertise: null, ports: [47000, 47999] },
  driver: 'dgram',
  dtls: 'openssl',
  srtp: 'node',
  log: silentLog,
  quarantineMs: 0,
};

/** "connected 1", "digit 2 5", ..., in order; statistics apart. */
export class SessionRecord implements MediaSessionEvents {
  readonly events: string[] = [];
  readonly measured: (legs: readonly LegQuality[]) => void;
  latest: readonly LegQuality[] = [];
  last: { reason: string } | null = null;
  readonly digits: { leg: number; digit: string; durationMs: number }[] = [];
  readonly milestones: { leg: number; what: string; remote: LegMilestone['remote']; detail: string }[] = [];

  constructor() {
    this.measured = (legs) => {
      this.latest = legs;
    };
  }

  connected(leg: number, { profile }: { profile: string }): void {
    this.events.push(`connected ${leg} ${profile}`);
  }

  pathLost(leg: number): void {
    this.events.push(`path lost ${leg}`);
  }

  pathRestored(leg: number): void {
    this.events.push(`path restored ${leg}`);
  }

  digit(leg: number, digit: string, durationMs: number): void {
    this.digits.push({ leg, digit, durationMs });
  }

  failed(leg: number, reason: string): void {
    this.events.push(`failed ${leg} ${reason}`);
  }

  milestone(leg: number, milestone: LegMilestone): void {
    this.milestones.push({ leg, ...milestone });
  }

  closed(reason: string): void {
    this.last = { reason };
  }
}

export interface MediaCall {
  readonly session: MediaSession;
  readonly record: SessionRecord;
  readonly browser: MediaBrowser;
  readonly browserLeg: BrowserLegLocal;
  readonly trunk: RtpPeer;
  readonly trunkLeg: TrunkLegLocal;
  /** Ends the call and waits until the session has closed. Idempotent. */
  end(): Promise<void>;
}

/** Both legs, bridged, and neither configured yet. */
export async function openCall(relay: MediaRelay, options: MediaBrowserOptions = {}): Promise<MediaCall> {
  const record = new SessionRecord();
  const session = await relay.openSession(record);
  const browserLeg = await session.addBrowserLeg();
  const trunkLeg = await session.addTrunkLeg();
  session.bridge(browserLeg.leg, trunkLeg.leg);
  const browser = await MediaBrowser.open(options);
  const trunk = await RtpPeer.open();
  const [candidate] = browserLeg.candidates;
  if (!candidate) throw new Error('the relay names no candidate');
  browser.point(browserLeg.ice, candidate);
  let ended: Promise<void> | undefined;
  const finish = async (): Promise<void> => {
    session.close();
    await until('the end of the session', () => record.last !== null);
    browser.close();
    trunk.close();
  };
  const end = (): Promise<void> => {
    ended ??= finish();
    return ended;
  };
  return { session, record, browser, browserLeg, trunk, trunkLeg, end };
}

export function configureTrunk({ session, trunk, trunkLeg }: MediaCall, changes: object = {}): void {
  session.configureTrunkLeg(trunkLeg.leg, { ...trunkMedia, rtp: trunk.address, rtcp: null, learn: false, ...changes });
}

/** A call with media flowing. */
export async function connectCall(relay: MediaRelay, options: MediaBrowserOptions = {}): Promise<MediaCall> {
  const call = await openCall(relay, options);
  const { session, browser, browserLeg } = call;
  session.configureBrowserLeg(browserLeg.leg, browser.describe(browserMedia, options.role));
  configureTrunk(call);
  await browser.connect();
  await until('the browser leg to connect', () => call.record.events.length > 0);
  return call;
}

export function localRelay(changes: Partial<RelayOptions> = {}): Promise<MediaRelay> {
  return createLocalRelay({ ...relayOptions, ...changes });
}
