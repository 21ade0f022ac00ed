import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { BatchedStore } from '../../../src/store/batched-store.ts';
import { type Statement, StoreError } from '../../../src/store/store.ts';
import type { Writer } from '../../../src/store/writer.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A disk that can be told to refuse, or to hang. */
class Disk implements Writer {
  readonly batches: Array<readonly Statement[]> = [];
  state: 'works' | 'full' | 'hangs' = 'works';
  closed = 0;

  async write(statements: readonly Statement[]): Promise<number> {
    if (this.state === 'hangs') return new Promise(() => {});
    if (this.state === 'full') throw new StoreError('database or disk is full');
    this.batches.push(statements);
    return 0;
  }

  commit(statements: readonly Statement[]): Promise<void> {
    return this.write(statements).then(() => {});
  }

  async query(): Promise<never[]> {
    return [];
  }

  async close(): Promise<void> {
    this.closed += 1;
  }

  get written(): number {
    return this.batches.flat().length;
  }
}

function setUp(maxQueued = 10) {
  const clock = new FakeClock();
  const disk = new Disk();
  const complaints: string[] = [];
  const log = { ...silentLog, error: (_fields: object, message: string) => complaints.push(message) };
  const store = new BatchedStore(disk, { clock, log, maxQueued });
  const write = (count: number) => {
    for (let each = 0; each < count; each += 1) store.write({ sql: 'INSERT', values: [each] });
  };
  return { clock, disk, complaints, store, write };
}

test('statements that come together make one transaction', async () => {
  const { clock, disk, write } = setUp();
  write(3);
  expect(disk.batches).toEqual([]);
  await clock.advance(1000);
  expect(disk.batches.map(({ length }) => length)).toEqual([3]);
  expect(clock.pending).toBe(0);
});

test('a transaction is bounded, and all are written before a question', async () => {
  const { disk, store, write } = setUp(2000);
  write(1200);
  await store.query({ sql: 'SELECT 1', values: [] });
  expect(disk.batches.map(({ length }) => length)).toEqual([500, 500, 200]);
});

test('what a full disk refuses waits, in its order, until it is taken', async () => {
  const { clock, disk, store, write } = setUp();
  disk.state = 'full';
  write(3);
  await clock.advance(5000);
  write(2);
  disk.state = 'works';
  await clock.advance(1500);
  expect(disk.batches.flat().map(({ values }) => values[0])).toEqual([0, 1, 2, 0, 1]);
  expect(store.lost).toBe(0);
});

test('beyond the bound it is counted as lost, said once in a while, and nobody waits', async () => {
  const { clock, disk, store, write, complaints } = setUp(10);
  disk.state = 'full';
  for (let second = 0; second < 60; second += 1) {
    write(2);
    await clock.advance(1000);
  }
  expect(store.lost).toBe(120 - 10);
  expect(complaints.length).toBeLessThanOrEqual(7);
  disk.state = 'works';
  await clock.advance(2000);
  expect(disk.written).toBe(10);
});

test('a question goes through although the disk takes nothing, a commit does not', async () => {
  const { disk, store, write } = setUp();
  disk.state = 'full';
  write(1);
  expect(await store.query({ sql: 'SELECT 1', values: [] })).toEqual([]);
  await expect(store.commit([{ sql: 'INSERT', values: [] }])).rejects.toThrow('full');
});

test('closing gives up on a disk that refuses, and on one that hangs', async () => {
  for (const state of ['full', 'hangs'] as const) {
    const { clock, disk, store, write } = setUp();
    disk.state = state;
    write(4);
    const closed = store.close();
    await clock.advance(6000);
    await closed;
    expect([disk.closed, clock.pending]).toEqual([1, 0]);
    if (state === 'full') expect(store.lost).toBe(4);
  }
});
