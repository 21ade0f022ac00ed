import { describe, expect, test } from 'vitest';
import { Unclaimed } from '../../../src/trace/unclaimed.ts';
import { message } from './messages.ts';

describe('messages without a call', () => {
  test('wait in their order, and are given away once', () => {
    const unclaimed = new Unclaimed();
    unclaimed.add('a', message({ at: 1 }));
    unclaimed.add('b', message({ at: 2 }));
    unclaimed.add('a', message({ at: 3 }));
    expect(unclaimed.take('a').map(({ at }) => at)).toEqual([1, 3]);
    expect(unclaimed.take('a')).toEqual([]);
    expect(unclaimed.take('__proto__')).toEqual([]);
  });

  test('are given up after the life of a transaction', () => {
    const unclaimed = new Unclaimed();
    unclaimed.add('a', message({ at: 0 }));
    unclaimed.add('b', message({ at: 31_999 }));
    expect(unclaimed.size).toBe(2);
    unclaimed.add('c', message({ at: 32_000 }));
    expect(unclaimed.size).toBe(2);
    expect(unclaimed.take('a')).toEqual([]);
  });

  test('a flood of INVITEs, each with a Call-ID of its own, takes bounded memory; the latest stay', () => {
    const unclaimed = new Unclaimed();
    for (let count = 0; count < 10_000; count++) unclaimed.add(`flood ${count}`, message({ sipCallId: `flood ${count}` }));
    expect(unclaimed.size).toBeLessThanOrEqual(1000);
    expect(unclaimed.bytes).toBeLessThanOrEqual(1_048_576);
    expect(unclaimed.take('flood 9999')).toHaveLength(1);
  });

  test('nor do huge messages, huge Call-IDs, or one Call-ID again and again', () => {
    const unclaimed = new Unclaimed();
    for (let count = 0; count < 1000; count++) unclaimed.add(`${count}${'y'.repeat(30_000)}`, message({}, { body: 'x'.repeat(60_000) }));
    expect(unclaimed.bytes).toBeLessThanOrEqual(1_048_576);
    for (let count = 0; count < 1000; count++) unclaimed.add('same', message());
    expect(unclaimed.take('same')).toHaveLength(20);
    for (let count = 0; count < 1000; count++) unclaimed.take(`${count}${'y'.repeat(30_000)}`);
    expect(unclaimed.bytes).toBe(0);
  });
});
