/** A record as a row of `calls`, and back. */

import type { CallEnd, CallEndCause } from '../events/call-end.ts';
import type { CallDirection, LegQuality } from '../events/gateway-events.ts';
import type { Row, SqlValue, Statement } from '../store/store.ts';
import type { RecordFinding, RunningRecord, StoredRecord } from './record-store.ts';

/** Column -> value; what a running call does not have yet stays null. */
type Columns = ReadonlyArray<readonly [column: string, value: SqlValue]>;

export function saveEnded(record: StoredRecord): Statement {
  const { endedAt, end, codec, transferredFrom, findings } = record;
  return save([
    ...commonColumns(record),
    ['ended_at', endedAt],
    ['cause', end.cause],
    ['side', end.side],
    ['sip_status', end.sipStatus ?? null],
    ['q850', end.q850 ?? null],
    ['detail', end.detail ?? null],
    ['codec', codec],
    ['transferred_from', transferredFrom],
    ['findings', findings ? JSON.stringify(findings) : null],
    ['seen_at', null],
  ]);
}

/** A row that has ended stays as it is: what comes late says less. */
export function saveRunning(record: RunningRecord, seenAt: number): Statement {
  const { sql, values } = save([...commonColumns(record), ['seen_at', seenAt]]);
  return { sql: `${sql} WHERE ended_at IS NULL`, values };
}

function commonColumns(record: RunningRecord): Columns {
  return [
    ['call_id', record.callId],
    ['direction', record.direction],
    ['user', record.user],
    ['number', record.number],
    ['trunk', record.trunk],
    ['invited_at', record.invitedAt],
    ['ringing_at', record.ringingAt],
    ['early_media_at', record.earlyMediaAt],
    ['answered_at', record.answeredAt],
    ['browser_codec', record.codecs.browser],
    ['trunk_codec', record.codecs.trunk],
    ['quality', JSON.stringify(record.quality)],
  ];
}

function save(columns: Columns): Statement {
  const names = columns.map(([name]) => name);
  const updates = names.slice(1).map((name) => `${name} = excluded.${name}`);
  return {
    sql: `INSERT INTO calls (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')}) ON CONFLICT (call_id) DO UPDATE SET ${updates.join(', ')}`,
    values: columns.map(([, value]) => value),
  };
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
