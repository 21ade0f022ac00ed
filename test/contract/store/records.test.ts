/** Records are kept and found alike by every store. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { type RecordFilter, RecordQueryError, type StoredRecord } from '../../../src/records/record-store.ts';
import { recordTables } from '../../../src/records/schema.ts';
import { SqliteRecordStore } from '../../../src/records/sqlite-record-store.ts';
import { newYear, runningRecord, storedRecord } from '../../support/call-records.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { freshPath, type StoreKind, storeKinds } from '../../support/stores.ts';

async function opened(kind: StoreKind, { path = freshPath(), maxDays = 36_500, maxRows = 1_000_000 } = {}) {
  const store = await kind.open(path, [recordTables]);
  const clock = new FakeClock();
  const records = await SqliteRecordStore.open({ store, maxDays, maxRows, clock, log: silentLog });
  const close = async () => {
    await records.close();
    await store.close();
  };
  onTestFinished(close);
  return { records, store, clock, close };
}

async function idsOf(records: SqliteRecordStore, filter: RecordFilter = {}): Promise<string[]> {
  return (await records.find({ ...filter, limit: 1000 })).records.map(({ callId }) => callId);
}

describe.each(storeKinds)('records in $name', (kind) => {
  test('come back as they went in', async () => {
    const { records } = await opened(kind);
    const full: StoredRecord = storedRecord({
      end: { cause: 'rejected', side: 'trunk', sipStatus: 500, q850: 31, detail: 'server error' },
      transferredFrom: 'call-0',
      earlyMediaAt: newYear + 250,
      findings: [
        {
          rule: 'one-way-audio',
          severity: 'problem',
          path: 'trunk->gateway',
          text: 'no audio',
          evidence: ['0 packets'],
          advice: 'ask',
          since: 5,
        },
      ],
    });
    const bare = storedRecord({
      callId: 'call-2',
      direction: 'inbound',
      user: null,
      ringingAt: null,
      answeredAt: null,
      codec: null,
      codecs: { browser: null, trunk: null },
      end: { cause: 'cancelled', side: 'trunk' },
      quality: [],
    });
    records.add(full);
    records.add(bare);
    expect(await records.get('call-1')).toEqual(full);
    expect(await records.get('call-2')).toEqual(bare);
    expect(await records.get('call-3')).toBeNull();
    expect((await records.find({ limit: 10 })).records).toEqual([bare, full]);
  });

  test('hostile text changes nothing but itself', async () => {
    const { records } = await opened(kind);
    const hostile = [`'; DELETE FROM calls; --`, '"', '%', '=1+1', '\u202e\u{1f4a3}', '[]', 'null', '9'.repeat(100_000)];
    for (const [index, number] of hostile.entries()) {
      records.add(
        storedRecord({ callId: `call-${index}`, number, user: number, end: { cause: 'error', side: 'gateway', detail: number } }),
      );
    }
    const found = (await records.find({ limit: 1000 })).records;
    expect(found.map(({ number }) => number).reverse()).toEqual(hostile);
    for (const number of hostile) expect((await idsOf(records, { number, user: number })).length).toBe(1);
    expect(await idsOf(records, { number: `' OR '1'='1` })).toEqual([]);
    records.add(storedRecord({ callId: 'nul', number: '12\0 34' }));
    expect((await records.get('nul'))?.number).toBe('12\ufffd 34');
  });

  test('are found by each filter, and by all together', async () => {
    const { records } = await opened(kind);
    records.add(storedRecord({ callId: 'a' }));
    records.add(storedRecord({ callId: 'b', user: 'bob', invitedAt: newYear + 1000 }));
    records.add(storedRecord({ callId: 'c', trunk: 'other', number: '4711', invitedAt: newYear + 2000 }));
    records.add(storedRecord({ callId: 'd', answeredAt: null, end: { cause: 'busy', side: 'trunk' }, invitedAt: newYear + 3000 }));
    expect(await idsOf(records)).toEqual(['d', 'c', 'b', 'a']);
    expect(await idsOf(records, { user: 'bob' })).toEqual(['b']);
    expect(await idsOf(records, { trunk: 'carrier' })).toEqual(['d', 'b', 'a']);
    expect(await idsOf(records, { number: '5550' })).toEqual(['d', 'b', 'a']);
    expect(await idsOf(records, { cause: 'busy' })).toEqual(['d']);
    expect(await idsOf(records, { answered: true })).toEqual(['c', 'b', 'a']);
    expect(await idsOf(records, { answered: false })).toEqual(['d']);
    expect(await idsOf(records, { from: newYear + 1000, to: newYear + 3000 })).toEqual(['c', 'b']);
    expect(await idsOf(records, { user: 'alice', trunk: 'carrier', answered: true, number: '123' })).toEqual(['a']);
  });

  test('ten thousand are walked in pages, each once, while more come in', { timeout: 60_000 }, async () => {
    const { records } = await opened(kind);
    for (let index = 0; index < 10_000; index += 1) {
      // Several calls share a millisecond.
      records.add(storedRecord({ callId: `call-${index}`, invitedAt: newYear + Math.floor(index / 7), quality: [] }));
      if (index % 2500 === 2499) await records.get('none');
    }
    const seen: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await records.find({ limit: 997, ...(cursor !== undefined && { cursor }) });
      seen.push(...page.records.map(({ callId }) => callId));
      records.add(storedRecord({ callId: `new-${seen.length}`, invitedAt: newYear + 60_000 + seen.length }));
      cursor = page.next;
    }
    expect(seen).toEqual(Array.from({ length: 10_000 }, (_, index) => `call-${9999 - index}`));
  });

  test('a page that holds all has no next', async () => {
    const { records } = await opened(kind);
    for (const callId of ['a', 'b']) records.add(storedRecord({ callId }));
    expect((await records.find({ limit: 2 })).next).toBeNull();
    expect((await records.find({ limit: 1 })).next).not.toBeNull();
    expect((await records.find({ limit: 1, user: 'nobody' })).next).toBeNull();
  });

  test('a cursor or a limit that is none is refused', async () => {
    const { records } = await opened(kind);
    for (const cursor of ['', 'x', '1', '1-', `1-1 OR 1`, '-1-1', `1-${'1'.repeat(99)}`]) {
      await expect(records.find({ limit: 1, cursor })).rejects.toThrow(RecordQueryError);
    }
    for (const limit of [0, -1, 1001, 1.5, Number.NaN]) await expect(records.find({ limit })).rejects.toThrow(RecordQueryError);
  });

  test('a running call is no record; its end replaces what was known', async () => {
    const { records } = await opened(kind);
    records.checkpoint(runningRecord({ answeredAt: null }));
    records.checkpoint(runningRecord());
    expect([await records.get('call-1'), await idsOf(records)]).toEqual([null, []]);
    records.add(storedRecord());
    records.checkpoint(runningRecord({ user: 'late' }));
    expect((await records.find({ limit: 10 })).records).toEqual([storedRecord()]);
  });

  test('old ones go, and more than there may be; running calls stay', async () => {
    const { records, store, clock } = await opened(kind, { maxDays: 2, maxRows: 5 });
    const now = clock.wallTime();
    records.add(storedRecord({ callId: 'old', invitedAt: now - 2 * 86_400_000 - 1 }));
    records.checkpoint(runningRecord({ callId: 'long', invitedAt: now - 9 * 86_400_000 }));
    for (let index = 0; index < 4; index += 1) records.add(storedRecord({ callId: `call-${index}`, invitedAt: now }));
    expect(await idsOf(records)).toHaveLength(5);
    await clock.advance(600_000);
    expect(await idsOf(records)).toEqual(['call-3', 'call-2', 'call-1', 'call-0']);
    for (let index = 4; index < 14; index += 1) records.add(storedRecord({ callId: `call-${index}`, invitedAt: now }));
    await clock.advance(600_000);
    expect(await idsOf(records)).toEqual(['call-13', 'call-12', 'call-11', 'call-10', 'call-9']);
    expect(await store.query({ sql: 'SELECT call_id FROM calls WHERE ended_at IS NULL', values: [] })).toHaveLength(1);
  });
});

describe.each(storeKinds.filter(({ persistent }) => persistent))('after a kill: records in $name', (kind) => {
  test('calls that ran become records that end where they were last seen', async () => {
    const path = freshPath();
    const first = await opened(kind, { path });
    first.records.add(storedRecord({ callId: 'ended' }));
    first.records.checkpoint(runningRecord({ callId: 'running' }));
    await first.close();
    const { records } = await opened(kind, { path });
    expect(await records.get('ended')).toEqual(storedRecord({ callId: 'ended' }));
    expect(await records.get('running')).toEqual(
      storedRecord({
        callId: 'running',
        endedAt: first.clock.wallTime(),
        end: { cause: 'killed', side: 'gateway', detail: 'the gateway was killed while the call ran' },
      }),
    );
  });
});
