/** Questions about records as SQL: filters, and pages that go on where the last one ended, whatever was added since. */

import type { Row, SqlValue, Statement } from '../store/store.ts';
import { type RecordFilter, type RecordQuery, RecordQueryError } from './record-store.ts';

/** Where a page ended: the calls before this one come next. */
interface Position {
  readonly invitedAt: number;
  readonly id: number;
}

/** One row more than the page holds: it tells whether there is another. */
export function select(query: RecordQuery): Statement {
  const { limit, cursor } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > 1000) throw new RecordQueryError('limit: 1 to 1000');
  const position = cursor === undefined ? null : readCursor(cursor);
  const conditions: Array<readonly [sql: string, ...values: SqlValue[]]> = [['ended_at IS NOT NULL'], ...conditionsOf(query)];
  if (position) conditions.push(['(invited_at, id) < (?, ?)', position.invitedAt, position.id]);
  return {
    sql: `SELECT * FROM calls WHERE ${conditions.map(([sql]) => sql).join(' AND ')} ORDER BY invited_at DESC, id DESC LIMIT ?`,
    values: [...conditions.flatMap(([, ...values]) => values), limit + 1],
  };
}

function* conditionsOf({ from, to, user, number, trunk, cause, answered }: RecordFilter): Generator<readonly [string, ...SqlValue[]]> {
  if (from !== undefined) yield ['invited_at >= ?', from];
  if (to !== undefined) yield ['invited_at < ?', to];
  if (user !== undefined) yield ['user = ?', user];
  if (number !== undefined) yield ['instr(number, ?) > 0', number];
  if (trunk !== undefined) yield ['trunk = ?', trunk];
  if (cause !== undefined) yield ['cause = ?', cause];
  if (answered !== undefined) yield [`answered_at IS ${answered ? 'NOT ' : ''}NULL`];
}

export function cursorOf(row: Row): string {
  return `${row['invited_at']}-${row['id']}`;
}

function readCursor(cursor: string): Position {
  const [, invitedAt, id] = /^(\d{1,15})-(\d{1,15})$/.exec(cursor) ?? [];
  if (invitedAt === undefined || id === undefined) throw new RecordQueryError('cursor: not one of ours');
  return { invitedAt: Number(invitedAt), id: Number(id) };
}
