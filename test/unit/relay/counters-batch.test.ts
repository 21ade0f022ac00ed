import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callSides } from '../../../src/events/gateway-events.ts';
import { createCounters } from '../../../src/relay/counters.ts';
import { packCounters, unpackCounters } from '../../../src/relay/counters-batch.ts';

const counters = fc
  .array(fc.double(), { minLength: createCounters().length, maxLength: createCounters().length })
  .map((figures) => Float64Array.from(figures));
const leg = fc.record({ leg: fc.nat(1000), side: fc.constantFrom(...callSides), counters });
const session = fc.record({ session: fc.string(), legs: fc.array(leg, { maxLength: 4 }) });

test('what was packed comes out again', () => {
  fc.assert(
    fc.property(fc.array(session, { maxLength: 10 }), (sessions) => {
      expect(unpackCounters(structuredClone(packCounters(sessions)))).toEqual(sessions);
    }),
  );
});
