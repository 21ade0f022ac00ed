import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import type { CallParties, GatewayEvents } from '../../../src/events/gateway-events.ts';
import type { RecordStore, RunningRecord, StoredRecord } from '../../../src/records/record-store.ts';
import { Recorder, type RecorderOptions } from '../../../src/records/recorder.ts';
import { legQuality, storedRecord } from '../../support/call-records.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const parties: CallParties = { callId: 'call-1', direction: 'inbound', user: null, number: '4711', trunk: 'carrier' };

function setUp(options: Partial<RecorderOptions> = {}) {
  const clock = new FakeClock();
  const events = new EventEmitter<GatewayEvents>();
  const noted: RunningRecord[] = [];
  const added: StoredRecord[] = [];
  const records: RecordStore = {
    add: (record) => added.push(record),
    checkpoint: (record) => noted.push(record),
    find: async () => ({ records: [], next: null }),
    get: async () => null,
    close: async () => {},
  };
  const recorder = new Recorder({ records, checkpoints: true, findings: () => [], clock, log: silentLog, ...options });
  recorder.follow(events);
  return { clock, events, noted, added, recorder };
}

/** An ended call as the event tells it: without what the recorder adds. */
function ended() {
  const { codecs: _codecs, transferredFrom: _transferredFrom, ...record } = storedRecord();
  return record;
}

test('a running call is noted at each change', async () => {
  const { clock, events, noted } = setUp();
  events.emit('call.started', parties);
  const start = clock.wallTime();
  await clock.advance(200);
  events.emit('call.ringing', parties);
  await clock.advance(300);
  events.emit('call.ringing', parties);
  events.emit('call.answered', { ...parties, user: 'alice' });
  events.emit('call.media-changed', {
    ...parties,
    audio: { side: 'trunk', codec: 'PCMU', clockRate: 8000, direction: 'sendrecv', ptimeMs: 20 },
  });
  events.emit('call.quality', { ...parties, quality: [legQuality] });
  expect(noted).toHaveLength(6);
  expect(noted.at(-1)).toEqual({
    ...parties,
    user: 'alice',
    invitedAt: start,
    ringingAt: start + 200,
    earlyMediaAt: null,
    answeredAt: start + 500,
    codecs: { browser: null, trunk: 'PCMU' },
    quality: [legQuality],
  });
});

test('a call of which nothing is heard is noted again within two seconds, until it ends', async () => {
  const { clock, events, noted } = setUp();
  events.emit('call.started', parties);
  await clock.advance(10_000);
  expect(noted.length).toBeGreaterThanOrEqual(6);
  events.emit('call.ended', ended());
  const before = noted.length;
  await clock.advance(10_000);
  expect([noted.length, clock.pending]).toEqual([before, 0]);
});

test('the record has what both legs spoke, and what was found', () => {
  const finding = { rule: 'silence', severity: 'info', path: null, text: '', evidence: [], advice: '', since: null } as const;
  const { events, added } = setUp({ findings: (callId) => (callId === 'call-1' ? [finding] : []) });
  events.emit('call.started', parties);
  events.emit('call.media-changed', {
    ...parties,
    audio: { side: 'browser', codec: 'opus', clockRate: 48_000, direction: 'sendrecv', ptimeMs: null },
  });
  events.emit('call.ended', ended());
  expect(added).toEqual([{ ...ended(), codecs: { browser: 'opus', trunk: 'PCMU' }, transferredFrom: null, findings: [finding] }]);
});

test('findings that fail cost no record', () => {
  const { events, added } = setUp({
    findings: () => {
      throw new Error('a defect');
    },
  });
  events.emit('call.ended', ended());
  expect(added).toHaveLength(1);
});

test('without checkpoints the end alone is noted', async () => {
  const { clock, events, noted, added } = setUp({ checkpoints: false });
  events.emit('call.started', parties);
  events.emit('call.answered', parties);
  await clock.advance(5000);
  events.emit('call.ended', ended());
  expect([noted.length, added.length, clock.pending]).toEqual([0, 1, 0]);
});

test('what is said of a call that is not known changes nothing', () => {
  const { events, noted } = setUp();
  events.emit('call.quality', { ...parties, quality: [] });
  expect(noted).toEqual([]);
});
