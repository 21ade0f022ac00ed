import { beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { callSides } from '../../../src/events/gateway-events.ts';
import { createCounters } from '../../../src/relay/counters.ts';
import { packCounters } from '../../../src/relay/counters-batch.ts';
import type { FromThread, ToThread } from '../../../src/relay/messages.ts';
import { PortRange } from '../../../src/relay/port-range.ts';
import { ThreadedRelay, type ThreadOut } from '../../../src/relay/threaded-relay.ts';
import { SessionRecord } from '../../support/media-call.ts';
import { pause, until } from '../../support/until.ts';

/** A thread that answers when the test says so. */
interface FakeThread {
  readonly index: number;
  readonly out: ThreadOut;
  readonly told: ToThread[];
  stopped: boolean;
}

describe('the relay over several threads', () => {
  let threads: FakeThread[];
  let ports: PortRange;
  let failStarts: number;
  let late: { thread: number; lateMs: number }[];
  let delays: { delayMs: number; run: () => void }[];

  const clock = {
    ...systemClock,
    after(delayMs: number, run: () => void): () => void {
      delays.push({ delayMs, run });
      return () => void delays.splice(0);
    },
  };

  beforeEach(() => {
    threads = [];
    delays = [];
    failStarts = 0;
    late = [];
    ports = new PortRange({ ports: [30_000, 30_003], quarantineMs: 0, random: seededRandom(1) });
  });

  function startRelay(count = 2): Promise<ThreadedRelay> {
    return ThreadedRelay.start({
      threads: count,
      ports,
      clock,
      log: silentLog,
      late: (thread, lateMs) => late.push({ thread, lateMs }),
      async start(index, out) {
        if (failStarts-- > 0) throw new Error('no luck');
        const thread: FakeThread = { index, out, told: [], stopped: false };
        threads.push(thread);
        return {
          post: (message) => void thread.told.push(message),
          async stop() {
            thread.stopped = true;
          },
        };
      },
    });
  }

  const sessionsOf = (thread: FakeThread | undefined): number[] =>
    (thread?.told ?? []).flatMap((message) => (message.type === 'open' ? [message.session] : []));
  const closed = (session: number): FromThread => ({ type: 'closed', session, batch: packCounters([]) });

  test('says which thread is late, and so does each call on it, once', async () => {
    const relay = await startRelay();
    const [here, elsewhere] = [new SessionRecord(), new SessionRecord()];
    for (const record of [here, elsewhere]) void (await relay.openSession(record)).addBrowserLeg();
    const [session = 0] = sessionsOf(threads[0]);
    const legs = callSides.map((side) => ({ session, side, counters: createCounters() }));
    threads[0]?.out.message({ type: 'stats', batch: packCounters(legs) });
    threads[0]?.out.message({ type: 'late', lateMs: 120 });
    expect(late).toEqual([{ thread: 0, lateMs: 120 }]);
    expect(here.milestones).toEqual([{ leg: 1, what: 'relay-late', remote: null, detail: '120 ms' }]);
    expect(elsewhere.milestones).toEqual([]);
    expect(here.latest).toHaveLength(2);
  });

  test('gives the memory of statistics back to the thread that sent them, also where their session has ended', async () => {
    await startRelay();
    const batch = packCounters([{ session: 99, side: 'trunk', counters: createCounters() }]);
    threads[1]?.out.message({ type: 'stats', batch });
    expect(threads.map(({ told }) => told)).toEqual([[], [{ type: 'stats-read', memory: batch.buffer }]]);
  });

  test('gives each session to the thread with the fewest', async () => {
    const relay = await startRelay();
    const sessions = [];
    for (let opened = 0; opened < 4; opened++) sessions.push(await relay.openSession(new SessionRecord()));
    expect(threads.map((thread) => sessionsOf(thread).length)).toEqual([2, 2]);
    for (const session of sessionsOf(threads[1])) threads[1]?.out.message(closed(session));
    await relay.openSession(new SessionRecord());
    expect(threads.map((thread) => sessionsOf(thread).length)).toEqual([2, 3]);
  });

  test('ends the sessions of a thread that died, and no others, and replaces it', async () => {
    const relay = await startRelay();
    const records = [new SessionRecord(), new SessionRecord()];
    const sessions = await Promise.all(records.map((record) => relay.openSession(record)));
    const asked = sessions[0]?.addTrunkLeg();
    threads[0]?.out.died('out of memory');
    await expect(asked).rejects.toThrow('ended');
    expect(records.map(({ last }) => last?.reason)).toEqual(['thread-died', undefined]);
    expect(ports.taken).toBe(0);
    await relay.openSession(new SessionRecord());
    expect(sessionsOf(threads[1])).toHaveLength(2);
    expect(delays.map(({ delayMs }) => delayMs)).toEqual([1000]);
    delays[0]?.run();
    await until('the new thread', () => threads.length === 3);
    await pause(0);
    await relay.openSession(new SessionRecord());
    expect(sessionsOf(threads[2])).toHaveLength(1);
  });

  test('tries again when the replacement cannot start', async () => {
    const relay = await startRelay(1);
    threads[0]?.out.died('x');
    failStarts = 2;
    for (let attempt = 0; attempt < 3; attempt++) {
      await until('the next attempt', () => delays.length > attempt);
      delays[attempt]?.run();
    }
    await until('a thread', () => threads.length === 2);
    await pause(0);
    await expect(relay.openSession(new SessionRecord())).resolves.toBeDefined();
  });

  test('opens no session while there is no thread', async () => {
    const relay = await startRelay(1);
    threads[0]?.out.died('x');
    await expect(relay.openSession(new SessionRecord())).rejects.toThrow('not running');
  });

  test('does not start when one thread cannot, and stops the others', async () => {
    failStarts = 1;
    await expect(startRelay(3)).rejects.toThrow('no luck');
    expect(threads.map(({ stopped }) => stopped)).toEqual([true, true]);
  });

  test('closing ends what no thread has ended, and starts nothing again', async () => {
    const relay = await startRelay();
    const record = new SessionRecord();
    await relay.openSession(record);
    threads[1]?.out.died('x');
    await relay.close();
    expect(record.last).not.toBeNull();
    expect(delays).toHaveLength(0);
    expect(threads[0]?.stopped).toBe(true);
  });

  test('a listener that throws loses its own session', async () => {
    const relay = await startRelay(1);
    const record = new SessionRecord();
    record.digit = () => {
      throw new Error('listener');
    };
    await relay.openSession(record);
    const [session = 0] = sessionsOf(threads[0]);
    threads[0]?.out.message({ type: 'leg', session, leg: 1, event: { type: 'digit', digit: '1', durationMs: 100 } });
    expect(threads[0]?.told.at(-1)).toEqual({ type: 'close', session });
  });
});
