import { expect, test } from 'vitest';
import { recordsAsCsv } from '../../../src/records/csv.ts';
import type { RecordFilter, StoredRecord } from '../../../src/records/record-store.ts';
import { newYear, storedRecord } from '../../support/call-records.ts';

/** Reads RFC 4180. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  const pattern = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(pattern)) {
    row.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

async function csvRows(...records: StoredRecord[]): Promise<Array<Record<string, string>>> {
  const [heading = [], ...rows] = parseCsv(await written(records));
  return rows.map((row) => Object.fromEntries(row.map((cell, index) => [heading[index], cell])));
}

async function written(records: readonly StoredRecord[], filter: RecordFilter = {}): Promise<string> {
  const chunks: string[] = [];
  const find = async ({ cursor, limit }: { cursor?: string; limit: number }) => {
    const at = Number(cursor ?? 0);
    return { records: records.slice(at, at + limit), next: at + limit < records.length ? String(at + limit) : null };
  };
  for await (const chunk of recordsAsCsv({ find }, filter)) chunks.push(chunk);
  return chunks.join('');
}

test('a record is one line under its heading', async () => {
  const [row] = await csvRows(storedRecord({ invitedAt: newYear + 1, answeredAt: newYear + 3003, endedAt: newYear + 13_004 }));
  expect(row).toMatchObject({
    call_id: 'call-1',
    direction: 'outbound',
    user: 'alice',
    invited_at: '2026-01-01T00:00:00.001Z',
    early_media_at: '',
    duration_ms: '10001',
    cause: 'hung-up',
    q850: '16',
    sip_status: '',
    browser_received_packets: '500',
    browser_mos: '4.31',
    trunk_mos: '',
  });
});

test('no records: the heading alone', async () => {
  expect(parseCsv(await written([]))).toHaveLength(1);
});

test('quotes, commas and line ends stay inside of their cell', async () => {
  const detail = 'he said "no", and\r\nhung up';
  const [row] = await csvRows(storedRecord({ end: { cause: 'rejected', side: 'trunk', detail } }));
  expect(row?.['detail']).toBe(detail);
});

test.each(['=1+1', '+15550123', '-2', '@SUM(A1)', '\t=1', '\r=1', '=cmd|"/c calc"!A0', '\n=1+1', '＝1+1'])(
  '%j is no formula for a spreadsheet',
  async (number) => {
    const [row] = await csvRows(storedRecord({ number }));
    expect(row?.['number']).toBe(`'${number}`);
  },
);

test('many are written page by page', async () => {
  const records = Array.from({ length: 1234 }, (_, index) => storedRecord({ callId: `call-${index}` }));
  const rows = await csvRows(...records);
  expect(rows.map((row) => row['call_id'])).toEqual(records.map(({ callId }) => callId));
});
