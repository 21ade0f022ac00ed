/** Offer and answer as functions of texts: the two negotiations of a call for the length of one exchange. */

import { invariant } from '../base/errors.ts';
import { type BrowserLocal, BrowserNegotiation } from './browser-negotiation.ts';
import { type Explanation, explain } from './explain.ts';
import type { Negotiation } from './negotiate.ts';
import { type TrunkLocal, TrunkNegotiation } from './trunk-negotiation.ts';

export interface RewriteOptions {
  /** Who gets the result; the text that is given comes from the other one. */
  readonly to: 'trunk' | 'browser';
  /** The gateway's own addresses and keys on either side. */
  readonly browser: BrowserLocal;
  readonly trunk: TrunkLocal;
  /** Codecs that the trunk may use, the preferred first: PCMU, PCMA, G722, opus. */
  readonly codecs: readonly string[];
}

export interface Rewritten {
  readonly sdp: string;
  /** Line by line what became of the given description and what was added. */
  readonly explanation: readonly Explanation[];
}

/** The offer that the gateway makes to `options.to` on receiving `offer` from the other side. Throws SdpError when it would refuse that. */
export function rewriteOffer(offer: string, options: RewriteOptions): Rewritten {
  const { from, to } = legs(options);
  const sdp = passOffer(offer, from, to);
  return { sdp, explanation: explain(offer, sdp) };
}

/**
 * The answer that the gateway gives to `options.to` on receiving `answer` from the other side. `options.offer` is what `options.to`
 * had offered, as it came; `answer` belongs to what `rewriteOffer` made of that. Throws SdpError when either is refused.
 */
export function rewriteAnswer(answer: string, options: RewriteOptions & { readonly offer: string }): Rewritten {
  const { from, to } = legs(options);
  passOffer(options.offer, to, from);
  const { direction, ptimeMs, maxPtimeMs } = from.receiveAnswer(answer);
  invariant(from.agreed, 'an answer settles the exchange');
  const sdp = to.createAnswer(from.agreed.send, direction, ptimeMs, maxPtimeMs);
  return { sdp, explanation: explain(answer, sdp) };
}

function legs({ to, browser, trunk, codecs }: RewriteOptions): { from: Negotiation; to: Negotiation } {
  const browserLeg = new BrowserNegotiation(browser);
  const trunkLeg = new TrunkNegotiation(trunk, { codecs });
  return to === 'trunk' ? { from: browserLeg, to: trunkLeg } : { from: trunkLeg, to: browserLeg };
}

function passOffer(sdp: string, from: Negotiation, to: Negotiation): string {
  const { codecs, direction, ptimeMs, maxPtimeMs } = from.receiveOffer(sdp);
  return to.createOffer(codecs, direction, ptimeMs, maxPtimeMs);
}

/** Addresses and keys from the ranges set aside for documentation, to try the rewriting with. */
export const exampleGateway: Omit<RewriteOptions, 'to'> = {
  browser: {
    candidates: [{ host: '203.0.113.5', port: 40000 }],
    ice: { ufrag: 'offhook0', pwd: 'offhookExamplePassword00' },
    fingerprint: {
      algorithm: 'sha-256',
      value: Array.from({ length: 32 }, (_, index) => index.toString(16).padStart(2, '0'))
        .join(':')
        .toUpperCase(),
    },
    ssrc: 1_000_000_007,
    cname: 'offhook-example',
    telephoneEvents: true,
    sessionId: '7000000000000000001',
  },
  trunk: { rtp: { host: '198.51.100.5', port: 30000 }, sessionId: '7000000000000000002' },
  codecs: ['PCMU', 'PCMA'],
};
