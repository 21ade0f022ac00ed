/** A record as a row of `calls`, and back. */

import type { CallEnd, CallEndCause } from '../events/call-end.ts';
import type { CallDirection, LegQuality } from '../events/gateway-events.ts';
import type { Row, SqlValue, Statement } from '../store/store.ts';
import type { RecordFinding, RunningRecord, StoredRecord } from './record-store.ts';

/** What a record puts into the columns of its row. */
type Columns<Record> = ReadonlyArray<readonly [column: string, read: (record: Record) => SqlValue]>;

const commonColumns: Columns<RunningRecord> = [
  ['call_id', ({ callId }) => callId],
  ['direction', ({ direction }) => direction],
  ['user', ({ user }) => user],
  ['number', ({ number }) => number],
  ['trunk', ({ trunk }) => trunk],
  ['invited_at', ({ invitedAt }) => invitedAt],
  ['ringing_at', ({ ringingAt }) => ringingAt],
  ['early_media_at', ({ earlyMediaAt }) => earlyMediaAt],
  ['answered_at', ({ answeredAt }) => answeredAt],
  ['browser_codec', ({ codecs }) => codecs.browser],
  ['trunk_codec', ({ codecs }) => codecs.trunk],
  ['quality', ({ quality }) => JSON.stringify(quality)],
];

const endColumns: Columns<StoredRecord> = [
  ['ended_at', ({ endedAt }) => endedAt],
  ['cause', ({ end }) => end.cause],
  ['side', ({ end }) => end.side],
  ['sip_status', ({ end }) => end.sipStatus ?? null],
  ['q850', ({ end }) => end.q850 ?? null],
  ['detail', ({ end }) => end.detail ?? null],
  ['codec', ({ codec }) => codec],
  ['transferred_from', ({ transferredFrom }) => transferredFrom],
  ['findings', ({ findings }) => (findings ? JSON.stringify(findings) : null)],
  ['seen_at', () => null],
];

const endedColumns: Columns<StoredRecord> = [...commonColumns, ...endColumns];
const endedSql = upsert(endedColumns);
/** A row that has ended stays as it is: what comes late says less. */
const runningSql = `${upsert([...commonColumns, ['seen_at', () => null]])} WHERE ended_at IS NULL`;

export function saveEnded(record: StoredRecord): Statement {
  return { sql: endedSql, values: endedColumns.map(([, read]) => read(record)) };
}

export function saveRunning(record: RunningRecord, seenAt: number): Statement {
  return { sql: runningSql, values: [...commonColumns.map(([, read]) => read(record)), seenAt] };
}

function upsert<Record>(columns: Columns<Record>): string {
  const names = columns.map(([name]) => name);
  const values = names.map(() => '?').join(', ');
  const updates = names.slice(1).map((name) => `${name} = excluded.${name}`);
  return `INSERT INTO calls (${names.join(', ')}) VALUES (${values}) ON CONFLICT (call_id) DO UPDATE SET ${updates.join(', ')}`;
}

export function recordOf(row: Row): StoredRecord {
  const findings = text(row, 'findings');
  return {
    callId: text(row, 'call_id') ?? '',
    direction: text(row, 'direction') as CallDirection,
    user: text(row, 'user'),
    number: text(row, 'number') ?? '',
    trunk: text(row, 'trunk') ?? '',
    invitedAt: number(row, 'invited_at') ?? 0,
    ringingAt: number(row, 'ringing_at'),
    earlyMediaAt: number(row, 'early_media_at'),
    answeredAt: number(row, 'answered_at'),
    endedAt: number(row, 'ended_at') ?? 0,
    end: endOf(row),
    codec: text(row, 'codec'),
    codecs: { browser: text(row, 'browser_codec'), trunk: text(row, 'trunk_codec') },
    transferredFrom: text(row, 'transferred_from'),
    quality: JSON.parse(text(row, 'quality') ?? '[]') as LegQuality[],
    ...(findings !== null && { findings: JSON.parse(findings) as RecordFinding[] }),
  };
}

function endOf(row: Row): CallEnd {
  const sipStatus = number(row, 'sip_status');
  const q850 = number(row, 'q850');
  const detail = text(row, 'detail');
  return {
    cause: text(row, 'cause') as CallEndCause,
    side: text(row, 'side') as CallEnd['side'],
    ...(sipStatus !== null && { sipStatus }),
    ...(q850 !== null && { q850 }),
    ...(detail !== null && { detail }),
  };
}

function text(row: Row, column: string): string | null {
  const value = row[column];
  return typeof value === 'string' ? value : null;
}

function number(row: Row, column: string): number | null {
  const value = row[column];
  return typeof value === 'number' ? value : null;
}
