/** What leaves the table of calls, and what becomes of calls that a killed gateway left in it. */

import type { Statement } from '../store/store.ts';

const dayMs = 86_400_000;

/** Calls that run are kept, however long. */
export function deleteOld({ maxDays, maxRows }: { readonly maxDays: number; readonly maxRows: number }, wallTime: number): Statement[] {
  return [
    { sql: 'DELETE FROM calls WHERE ended_at IS NOT NULL AND invited_at < ?', values: [wallTime - maxDays * dayMs] },
    {
      sql: 'DELETE FROM calls WHERE ended_at IS NOT NULL AND id <= (SELECT id FROM calls ORDER BY id DESC LIMIT 1 OFFSET ?)',
      values: [maxRows],
    },
  ];
}

/** They end when they were last seen. */
export const closeKilled: Statement = {
  sql: `UPDATE calls SET ended_at = coalesce(seen_at, invited_at), cause = 'killed', side = 'gateway',
    detail = 'the gateway was killed while the call ran', codec = browser_codec, seen_at = NULL
    WHERE ended_at IS NULL`,
  values: [],
};
