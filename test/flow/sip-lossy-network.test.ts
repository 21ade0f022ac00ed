/** Many calls at once over a network that loses, delays, reorders and repeats: each ends, both sides agree, nothing is left. */

import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { leftovers, pair } from '../support/sip-party.ts';

test.each([1, 2, 3, 4, 5, 6, 7, 8])('seed %i', async (seed) => {
  const clock = new FakeClock();
  const random = seededRandom(seed);
  const quality = { delayMs: 5, jitterMs: 300, loss: 0.15, duplication: 0.1, seed };
  const { alice, bob, toBob, toAlice } = pair(clock, 'udp', { quality });
  const later = (what: () => void, withinMs: number): void => {
    clock.after(random.uint32() % withinMs, what);
  };
  for (const party of [alice, bob]) {
    party.onInvite = (incoming) => {
      const { session } = party.takeCall(incoming, random.uint32() % 2 === 0 ? { sessionExpiresSec: 90 } : {});
      session.progress(180);
      if (random.uint32() % 5 === 0) later(() => session.reject(486), 8000);
      else later(() => session.accept({ body: 'answer' }), 8000);
      later(() => session.reinvite('hold'), 30_000);
      later(() => session.bye(), 120_000);
    };
  }
  const made = Array.from({ length: 40 }, (_, index) => {
    const call = index % 2 === 0 ? alice.call(bob, toBob) : bob.call(alice, toAlice);
    later(() => call.session.update('resume'), 30_000);
    if (index % 7 === 0) later(() => call.session.cancel(), 10_000);
    if (index % 3 === 0) later(() => call.session.bye(), 90_000);
    return call;
  });
  await clock.advance(400_000);
  for (const { session, diary } of made) {
    expect(session.state).toBe('terminated');
    const ends = diary.entries.filter((entry) => entry.startsWith('ended') || entry.startsWith('rejected'));
    expect(ends).toHaveLength(1);
    expect(diary.entries.at(-1)).toBe(ends[0]);
  }
  for (const { diary } of [...alice.calls, ...bob.calls]) {
    const ends = diary.entries.filter((entry) => entry.startsWith('ended') || entry.startsWith('cancelled'));
    expect(ends.length, diary.entries.join(', ')).toBeLessThanOrEqual(1);
    if (ends.length > 0) expect(diary.entries.at(-1)).toBe(ends[0]);
  }
  expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(clock.pending).toBe(0);
});
