import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Alarm, DeadlineQueue, TimerTable, within } from '../../../src/base/clock.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('TimerTable', () => {
  test('gives timers back in the order of their deadlines, each once', () => {
    const timers = new TimerTable<'a' | 'b' | 'c'>();
    timers.set('a', 30);
    timers.set('b', 10);
    timers.set('c', 20);
    expect(timers.deadline).toBe(10);
    expect([timers.takeExpired(25), timers.takeExpired(25), timers.takeExpired(25)]).toEqual(['b', 'c', undefined]);
    expect(timers.deadline).toBe(30);
  });

  test('a timer that is set again or cleared forgets its old deadline', () => {
    const timers = new TimerTable<'a'>();
    timers.set('a', 10);
    timers.set('a', 20);
    expect(timers.takeExpired(15)).toBeUndefined();
    timers.clear('a');
    expect(timers.deadline).toBe(Number.POSITIVE_INFINITY);
  });
});

describe('DeadlineQueue', () => {
  const change = fc.record({ item: fc.nat(9), deadline: fc.oneof(fc.nat(1000), fc.constant(Number.POSITIVE_INFINITY)) });

  test('agrees with a plain table, whatever is set and set again', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 400 }), fc.nat(1000), (changes, now) => {
        const items = Array.from({ length: 10 }, (_, name) => ({ name }));
        const queue = new DeadlineQueue<{ name: number }>();
        const table = new Map<number, number>();
        for (const { item, deadline } of changes) {
          queue.set(items[item] as { name: number }, deadline);
          table.set(item, deadline);
        }
        expect(queue.deadline).toBe(Math.min(Number.POSITIVE_INFINITY, ...table.values()));
        const due: number[] = [];
        for (let item = queue.takeExpired(now); item; item = queue.takeExpired(now)) due.push(table.get(item.name) as number);
        expect(due).toEqual([...table.values()].filter((deadline) => deadline <= now).sort((a, b) => a - b));
      }),
    );
  });

  test('a deleted item never comes due', () => {
    const queue = new DeadlineQueue<object>();
    const item = {};
    queue.set(item, 5);
    queue.delete(item);
    expect(queue.takeExpired(10)).toBeUndefined();
  });
});

describe('Alarm', () => {
  test('goes off once, at the deadline armed last', async () => {
    const clock = new FakeClock(0);
    const due: number[] = [];
    const alarm = new Alarm(clock, (now) => due.push(now));
    alarm.arm(50);
    alarm.arm(20);
    await clock.advance(100);
    expect(due).toEqual([20]);
    expect(clock.pending).toBe(0);
  });

  test('waits on when its deadline has moved on', async () => {
    const clock = new FakeClock(0);
    const due: number[] = [];
    const alarm = new Alarm(clock, (now) => due.push(now));
    alarm.arm(20);
    alarm.arm(50);
    await clock.advance(100);
    expect(due).toEqual([50]);
    expect(clock.pending).toBe(0);
  });

  test('is silent after close', async () => {
    const clock = new FakeClock(0);
    const due: number[] = [];
    const alarm = new Alarm(clock, (now) => due.push(now));
    alarm.arm(20);
    alarm.close();
    await clock.advance(100);
    expect(due).toEqual([]);
  });
});

describe('within', () => {
  test('says whether the work was done in time, and leaves no timer behind', async () => {
    const clock = new FakeClock(0);
    expect(await within(clock, 100, Promise.resolve('done'))).toBe(true);
    expect(clock.pending).toBe(0);
    const late = within(clock, 100, new Promise(() => {}));
    await clock.advance(100);
    expect(await late).toBe(false);
  });

  test('rejects as the work does', async () => {
    const clock = new FakeClock(0);
    await expect(within(clock, 100, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(clock.pending).toBe(0);
  });
});
