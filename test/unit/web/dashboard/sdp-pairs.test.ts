/** Which description became which on its way through the gateway. */

import { describe, expect, test } from 'vitest';
import type { TraceEntry } from '../../../../src/api/resources/traces.ts';
import { pairDescriptions } from '../../../../src/web/dashboard/ladder/sdp-pairs.ts';
import { received, sent } from './trace-entries.ts';

const invite = 'INVITE sip:600@example.com SIP/2.0';
const ok = 'SIP/2.0 200 OK';
const answer = { cseq: '1 INVITE', sdp: 'v=0\r\n' };
const offer = { sdp: 'v=0\r\n' };

function pairs(entries: readonly TraceEntry[]): Record<number, [before: number, after: number]> {
  return Object.fromEntries([...pairDescriptions(entries)].map(([index, { before, after }]) => [index, [before, after]]));
}

describe('pairs', () => {
  test('the offer with the offer and the answer with the answer', () => {
    const call = [
      received('browser', invite, offer),
      sent('browser', 'SIP/2.0 100 Trying', { cseq: '1 INVITE' }),
      sent('trunk', invite, offer),
      received('trunk', ok, answer),
      sent('browser', ok, answer),
    ];
    expect(pairs(call)).toEqual({ 0: [0, 2], 2: [0, 2], 3: [3, 4], 4: [3, 4] });
  });

  test('early media and the answer each with its own', () => {
    const early = 'SIP/2.0 183 Session Progress';
    const call = [
      received('browser', invite, offer),
      sent('trunk', invite, offer),
      received('trunk', early, answer),
      sent('browser', early, answer),
      received('trunk', ok, answer),
      sent('browser', ok, answer),
    ];
    expect(pairs(call)).toMatchObject({ 2: [2, 3], 3: [2, 3], 4: [4, 5], 5: [4, 5] });
  });

  test('an offer that goes to two browsers with both', () => {
    const call = [received('trunk', invite, offer), sent('browser', invite, offer), sent('browser', invite, offer)];
    expect(pairs(call)).toEqual({ 0: [0, 1], 1: [0, 1], 2: [0, 2] });
  });

  test('nothing with an answer of the gateway itself', () => {
    const call = [
      received('browser', invite, offer),
      sent('trunk', invite, offer),
      received('trunk', ok, answer),
      sent('browser', ok, answer),
      received('browser', invite, offer),
      sent('browser', ok, answer),
    ];
    expect(Object.keys(pairs(call))).toEqual(['0', '1', '2', '3']);
  });

  test('nothing where no description is', () => {
    expect(pairs([received('browser', invite), sent('trunk', invite)])).toEqual({});
  });
});
