/** Records as CSV (RFC 4180), for spreadsheets. */

import type { CallSide, LegQuality } from '../events/gateway-events.ts';
import type { RecordFilter, RecordStore, StoredRecord } from './record-store.ts';

type Cell = string | number | null | undefined;

const columns: ReadonlyArray<readonly [name: string, cell: (record: StoredRecord) => Cell]> = [
  ['call_id', ({ callId }) => callId],
  ['direction', ({ direction }) => direction],
  ['user', ({ user }) => user],
  ['number', ({ number }) => number],
  ['trunk', ({ trunk }) => trunk],
  ['invited_at', ({ invitedAt }) => time(invitedAt)],
  ['ringing_at', ({ ringingAt }) => time(ringingAt)],
  ['early_media_at', ({ earlyMediaAt }) => time(earlyMediaAt)],
  ['answered_at', ({ answeredAt }) => time(answeredAt)],
  ['ended_at', ({ endedAt }) => time(endedAt)],
  ['duration_ms', ({ answeredAt, endedAt }) => (answeredAt === null ? 0 : endedAt - answeredAt)],
  ['cause', ({ end }) => end.cause],
  ['side', ({ end }) => end.side],
  ['sip_status', ({ end }) => end.sipStatus],
  ['q850', ({ end }) => end.q850],
  ['detail', ({ end }) => end.detail],
  ['browser_codec', ({ codecs }) => codecs.browser],
  ['trunk_codec', ({ codecs }) => codecs.trunk],
  ['transferred_from', ({ transferredFrom }) => transferredFrom],
  ...qualityColumns('browser'),
  ...qualityColumns('trunk'),
];

const rowsAtOnce = 500;

const csvHeading = line(columns.map(([name]) => name));

function csvLine(record: StoredRecord): string {
  return line(columns.map(([, cell]) => cell(record)));
}

/** The heading, then the records page by page, the latest first. Rejects with StoreError. */
export async function* recordsAsCsv(records: Pick<RecordStore, 'find'>, filter: RecordFilter): AsyncGenerator<string> {
  yield csvHeading;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await records.find({ ...filter, limit: rowsAtOnce, ...(cursor !== undefined && { cursor }) });
    if (page.records.length > 0) yield page.records.map(csvLine).join('');
    cursor = page.next;
  }
}

function qualityColumns(side: CallSide): Array<readonly [string, (record: StoredRecord) => Cell]> {
  const facts: ReadonlyArray<readonly [string, (quality: LegQuality) => Cell]> = [
    ['received_packets', ({ received }) => received.packets],
    ['received_lost', ({ received }) => received.lost],
    ['received_jitter_ms', ({ received }) => received.jitterMs],
    ['sent_packets', ({ sent }) => sent.packets],
    ['sent_lost', ({ sent }) => sent.lost],
    ['sent_jitter_ms', ({ sent }) => sent.jitterMs],
    ['round_trip_ms', ({ roundTripMs }) => roundTripMs],
    ['mos', ({ mos }) => mos],
  ];
  return facts.map(([name, factOf]) => [
    `${side}_${name}`,
    ({ quality }) => {
      const leg = quality.find((each) => each.side === side);
      return leg && factOf(leg);
    },
  ]);
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function line(cells: readonly Cell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}

/** A spreadsheet takes text that begins so for a formula; a quote before it keeps it text. Our own numbers are what they are. */
function field(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
