import { expect, test } from 'vitest';
import { createCounters } from '../../../src/relay/counters.ts';
import { packCounters } from '../../../src/relay/counters-batch.ts';
import { handedOver } from '../../../src/relay/messages.ts';

test('what carries statistics goes over without a copy, and back', () => {
  const batch = packCounters([{ session: 1, side: 'browser', counters: createCounters() }]);
  expect(handedOver([{ type: 'started' }, { type: 'stats', batch }])).toEqual([batch.buffer]);
  expect(handedOver([{ type: 'stats-read', memory: batch.buffer }, { type: 'stop' }])).toEqual([batch.buffer]);
  expect(handedOver([{ type: 'closed', session: 1, batch }])).toEqual([]);
});
