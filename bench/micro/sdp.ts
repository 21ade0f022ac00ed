/** SDP: a description of Chromium read, printed and rewritten, by our model and by werift's. */

import { SessionDescription } from 'werift';
import { parseDescription } from '../../src/sdp/parse.ts';
import { printDescription } from '../../src/sdp/print.ts';
import { exampleGateway, rewriteAnswer, rewriteOffer } from '../../src/sdp/rewrite.ts';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { sdpFixture } from './captured.ts';
import { measureCpu, type Operation, repeated, roundOptions } from './cpu-rounds.ts';

const endpoint = 'chromium-156';

export async function benchSdp({ short, rounds }: BenchOptions): Promise<Findings> {
  const options = roundOptions(short, rounds);
  const offer = sdpFixture(endpoint, 'offer');
  return {
    settings: { offerBytes: offer.length, ...options },
    baselines: ['werift'],
    best: 'lowest',
    series: measureCpu(operations(offer, sdpFixture(endpoint, 'trunk-answer')), 'CPU per description', options),
    notes: ['Rewriting includes the reading of both sides’ descriptions and the explanation of each line.'],
    failures: [],
  };
}

function operations(offer: string, trunkAnswer: string): Operation[] {
  return [
    repeated('offhook', 'parse and print', () => printDescription(parseDescription(offer))),
    repeated('werift', 'parse and print', () => SessionDescription.parse(offer).toString()),
    repeated('offhook', 'rewrite an offer for the trunk', () => rewriteOffer(offer, { ...exampleGateway, to: 'trunk' })),
    repeated('offhook', 'rewrite the answer for the browser', () =>
      rewriteAnswer(trunkAnswer, { ...exampleGateway, to: 'browser', offer }),
    ),
  ];
}
