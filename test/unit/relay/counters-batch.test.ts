import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callSides, type LegQuality } from '../../../src/events/gateway-events.ts';
import { createCounters, qualityOf } from '../../../src/relay/counters.ts';
import { packCounters, splitCounters, unpackCounters } from '../../../src/relay/counters-batch.ts';
import type { LegCounters } from '../../../src/relay/messages.ts';

const counters = fc.array(fc.double(), { minLength: createCounters().length, maxLength: createCounters().length });
const leg = fc.record({ side: fc.constantFrom(...callSides), counters });
const legs = fc.array(leg, { minLength: 1, maxLength: 4 });
/** Of sessions 1, 2, 3 ... */
const sessions = fc
  .array(legs, { maxLength: 10 })
  .map((list) => list.map((some, index): LegCounters[] => some.map((one) => ({ session: index + 1, ...one }))));

const qualities = (some: readonly LegCounters[]): LegQuality[] => some.map(({ side, counters: figures }) => qualityOf(side, figures));

test('what was packed is told session by session', () => {
  fc.assert(
    fc.property(sessions, (list) => {
      const told: unknown[] = [];
      const batch = structuredClone(packCounters(list.flat()));
      splitCounters(batch, (session, from, to) => told.push([session, unpackCounters(batch.subarray(from, to))]));
      expect(told).toEqual(list.map((some, index) => [index + 1, qualities(some)]));
    }),
  );
});

test('the legs of one session come out as they went in', () => {
  fc.assert(
    fc.property(legs, (some) => {
      const packed = some.map((one) => ({ session: 7, ...one }));
      expect(unpackCounters(packCounters(packed))).toEqual(qualities(packed));
    }),
  );
});

test('memory of an earlier batch is used again if it is large enough', () => {
  const one = { session: 1, side: callSides[0], counters: createCounters() } as const;
  const { buffer: memory } = packCounters([one, one]);
  expect(packCounters([one], memory).buffer).toBe(memory);
  expect(packCounters([one], memory)).toEqual(packCounters([one]));
  expect(packCounters([one, one], memory).buffer).toBe(memory);
  expect(packCounters([one, one, one], memory).buffer).not.toBe(memory);
});
