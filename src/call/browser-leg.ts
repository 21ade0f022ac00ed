/** The leg towards a browser: reached through its flow, media over ICE and DTLS-SRTP. */

import type { BrowserLegLocal, MediaSession } from '../relay/media-relay.ts';
import { BrowserNegotiation } from '../sdp/browser-negotiation.ts';
import { codecNames, offerableCodecs } from '../sdp/codecs.ts';
import type { RemoteAudio, RemoteOffer } from '../sdp/description.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { BrowserIdentity, Dialling, LegPlan } from './leg.ts';
import { Leg } from './leg.ts';

export interface BrowserLegOptions {
  readonly identity: BrowserIdentity;
  readonly sessionId: string;
  /** Null for the browser that calls us. */
  readonly dialling: Dialling | null;
  /** Whether this user's digits go as INFO: then telephone-event is not negotiated. */
  readonly dtmfByInfo: boolean;
  readonly browsers: Browsers;
}

/** Where browsers are now. */
export interface Browsers {
  isAlive(flowId: string): boolean;
  /** Whether a flow now belongs to the browser with this identity (RFC 5626 re-registration). */
  ownsFlow(identity: BrowserIdentity, flow: Flow): boolean;
}

export function planBrowserLeg(options: BrowserLegOptions): LegPlan {
  return { open: async (media) => new BrowserLeg(media, await media.addBrowserLeg(), options) };
}

const everyCodec = offerableCodecs(codecNames);

class BrowserLeg extends Leg {
  readonly side = 'browser';
  readonly identity: BrowserIdentity;
  readonly #browser: BrowserNegotiation;
  readonly #browsers: Browsers;
  #path: 'new' | 'up' | 'lost' = 'new';

  constructor(media: MediaSession, local: BrowserLegLocal, options: BrowserLegOptions) {
    const negotiation = new BrowserNegotiation({ sessionId: options.sessionId, telephoneEvents: !options.dtmfByInfo, ...local });
    super(media, local.leg, negotiation, everyCodec, options.dialling);
    this.#browser = negotiation;
    this.identity = options.identity;
    this.#browsers = options.browsers;
  }

  override get user(): string {
    return this.identity.user;
  }

  override get reachable(): boolean {
    return this.session.flowId !== null && this.#browsers.isAlive(this.session.flowId);
  }

  override get mediaUp(): boolean {
    return this.#path === 'up';
  }

  override get mediaLost(): boolean {
    return this.#path === 'lost';
  }

  override pathChanged(path: 'up' | 'lost'): void {
    this.#path = path;
  }

  override moved(browser: BrowserIdentity, flowId: string): void {
    if (sameBrowser(this.identity, browser)) this.session.flowId = flowId;
  }

  /** A browser's ICE restart asks for fresh credentials of ours before it can be answered (RFC 8839 4.4.1.1.1). */
  override async prepareAnswer(offer: RemoteOffer): Promise<void> {
    if (offer.iceRestart) this.#browser.replaceIce(await this.media.restartIce(this.mediaLeg));
  }

  acceptsFlow(flow: Flow): boolean {
    if (!this.#browsers.ownsFlow(this.identity, flow)) return false;
    this.session.flowId = flow.id;
    return true;
  }

  protected applyMedia(remote: RemoteAudio): void {
    const { agreed, dtlsRole } = this.#browser;
    if (!agreed || !dtlsRole || !remote.ice) return;
    this.media.configureBrowserLeg(this.mediaLeg, { dtlsRole, fingerprints: remote.fingerprints, iceUfrag: remote.ice.ufrag, ...agreed });
  }
}

/** RFC 5626 4.1: the instance id names a browser across connections; without one only an unchanged binding does. */
export function sameBrowser(a: BrowserIdentity, b: BrowserIdentity): boolean {
  if (a.user !== b.user) return false;
  return a.instanceId !== null ? a.instanceId === b.instanceId : a.key !== null && a.key === b.key;
}
