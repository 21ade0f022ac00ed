/** Trunk legs before, and after, a first exchange of descriptions. */

import { expect } from 'vitest';
import { codecNames, offerableCodecs } from '../../../src/sdp/codecs.ts';
import type { Codec } from '../../../src/sdp/description.ts';
import { TrunkNegotiation } from '../../../src/sdp/trunk-negotiation.ts';

const local = { rtp: { host: '198.51.100.5', port: 30000 }, sessionId: '4711' };
export const wideband = { codecs: codecNames };
export const g711 = offerableCodecs(['PCMU', 'PCMA']);

export function trunk(codecs: readonly string[] = ['PCMU', 'PCMA']): TrunkNegotiation {
  return new TrunkNegotiation(local, { codecs });
}

/** A trunk's description: an m= line with these lines, in this version. */
export function description(
  media: readonly string[] = ['m=audio 4000 RTP/AVP 0 8 101', 'a=rtpmap:101 telephone-event/8000'],
  version = 1,
  host = '192.0.2.1',
): string {
  return `${['v=0', `o=carrier 1 ${version} IN IP4 192.0.2.1`, 's=call', `c=IN IP${host.includes(':') ? 6 : 4} ${host}`, 't=0 0', ...media].join('\r\n')}\r\n`;
}

export const formats = (codecs: readonly Codec[] | undefined): string[] =>
  (codecs ?? []).map(({ payloadType, encoding }) => `${payloadType} ${encoding}`);
export const refusal = (status: number): object => expect.objectContaining({ name: 'SdpError', status });

/** A first exchange in which the trunk calls. */
export function called(offer = description()): TrunkNegotiation {
  const leg = trunk();
  leg.receiveOffer(offer);
  leg.createAnswer(g711, 'sendrecv');
  return leg;
}

/** A first exchange in which we call. */
export function calling(answer = description()): TrunkNegotiation {
  const leg = trunk();
  leg.createOffer(g711, 'sendrecv');
  leg.receiveAnswer(answer);
  return leg;
}
