import { expect, test } from 'vitest';
import { findCapacity, type Verdict } from '../../../bench/load/find-capacity.ts';

const search = { start: 600, step: 50, limit: 2400 };

function carrying(most: number, tried: number[] = []): (calls: number) => Promise<Verdict> {
  return async (calls) => {
    tried.push(calls);
    return { outcome: calls <= most ? 'carried' : 'overloaded' };
  };
}

test('the largest step that is carried is found by strides and then by steps', async () => {
  const tried: number[] = [];
  expect(await findCapacity(carrying(920, tried), search)).toEqual({ calls: 900, atLeast: false });
  expect(tried).toEqual([600, 800, 1000, 850, 900, 950]);
});

test('a start that is too much is halved', async () => {
  expect(await findCapacity(carrying(170), search)).toEqual({ calls: 150, atLeast: false });
});

test('nothing is carried by who carries nothing', async () => {
  expect(await findCapacity(carrying(0), search)).toEqual({ calls: 0, atLeast: false });
});

test('the limit, and a generator that does not keep up, say "at least"', async () => {
  expect(await findCapacity(carrying(9999), { ...search, limit: 900 })).toMatchObject({ calls: 800, atLeast: true });
  const probe = async (calls: number): Promise<Verdict> =>
    calls > 1000 ? { outcome: 'unknown', reason: 'the generator was late' } : { outcome: 'carried' };
  expect(await findCapacity(probe, search)).toEqual({ calls: 1000, atLeast: true, reason: 'the generator was late' });
});
