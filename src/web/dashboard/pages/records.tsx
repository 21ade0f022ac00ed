/** The calls that have ended: searched, page by page, and as a file. */

import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { CallRecord, RecordPage } from '../../../api/resources/records.ts';
import { useResource } from '../data/resource.ts';
import { formatDateTime, formatDuration, formatMos, rateMos } from '../format.ts';
import { Download } from '../parts/controls.tsx';
import { Mos, Page } from '../parts/page.tsx';
import { Empty, Loaded } from '../parts/state.tsx';
import { Text } from '../parts/text.tsx';
import { printRoute } from '../route.ts';
import { CallParties } from './calls.tsx';
import { RecordSearch } from './record-search.tsx';

const pageSize = 50;

export function RecordsPage({ query }: { query: URLSearchParams }): JSX.Element {
  const filter = query.toString();
  // The cursors of the pages gone through; the last is that of the page shown.
  const [cursors, setCursors] = useState<readonly string[]>([]);
  // A new search begins at its first page.
  useEffect(() => setCursors([]), [filter]);
  const asked = new URLSearchParams(query);
  asked.set('limit', String(pageSize));
  const cursor = cursors.at(-1);
  if (cursor !== undefined) asked.set('cursor', cursor);
  const page = useResource<RecordPage>(`/records?${asked}`, {
    on: ({ name }) => name === 'call.ended' && cursor === undefined,
    everyMs: 30_000,
  });
  const csv = filter === '' ? '/records.csv' : `/records.csv?${filter}`;
  return (
    <Page
      title="Records"
      tools={
        <Download path={csv} fileName="records.csv">
          CSV
        </Download>
      }
    >
      <RecordSearch query={query} />
      <Loaded of={page}>
        {({ records, next }) => (
          <>
            {records.length === 0 ? <NoRecords searched={filter !== ''} /> : <RecordTable records={records} />}
            <Pages
              earlier={next === null ? null : () => setCursors([...cursors, next])}
              later={cursors.length === 0 ? null : () => setCursors(cursors.slice(0, -1))}
            />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function NoRecords({ searched }: { searched: boolean }): JSX.Element {
  if (!searched) return <Empty title="No call has ended yet.">A record is written at the end of each call.</Empty>;
  return (
    <Empty title="No record matches.">
      <a href={printRoute('records')}>Show all</a>
    </Empty>
  );
}

function RecordTable({ records }: { records: readonly CallRecord[] }): JSX.Element {
  return (
    <table class="list">
      <thead>
        <tr>
          <th scope="col" class="wide-only">
            Began
          </th>
          <th scope="col">Call</th>
          <th scope="col" class="wide-only">
            Trunk
          </th>
          <th scope="col">End</th>
          <th scope="col" class="wide-only">
            Codec
          </th>
          <th scope="col" class="number">
            Talked
          </th>
          <th scope="col" class="number wide-only">
            MOS
          </th>
        </tr>
      </thead>
      <tbody>
        {records.map((record) => (
          <RecordRow key={record.callId} record={record} />
        ))}
      </tbody>
    </table>
  );
}

function RecordRow({ record }: { record: CallRecord }): JSX.Element {
  const { callId, trunk, invitedAt, answeredAt, endedAt, end, codec, quality, findings = [] } = record;
  const mos = quality.reduce<number | null>((worst, leg) => (leg.mos === null ? worst : Math.min(worst ?? 5, leg.mos)), null);
  const problems = findings.filter(({ severity }) => severity === 'problem').length;
  return (
    <tr>
      <td class="soft time-cell wide-only">{formatDateTime(invitedAt)}</td>
      <td class="main-cell">
        <a href={printRoute('calls', callId)} data-row>
          <CallParties {...record} />
        </a>
        <span class="under narrow-only">{formatDateTime(invitedAt)}</span>
        {problems > 0 && <span class="tag problem">{problems === 1 ? '1 problem' : `${problems} problems`}</span>}
      </td>
      <td class="wide-only">
        <Text value={trunk} most={24} />
      </td>
      <td>
        <span class="status" data-tone={end.cause === 'hung-up' ? 'good' : 'fair'}>
          {end.cause}
        </span>
      </td>
      <td class="wide-only">{codec === null ? '–' : <Text value={codec} most={24} />}</td>
      <td class="number">{answeredAt === null ? '–' : formatDuration(endedAt - answeredAt)}</td>
      <td class="number wide-only">
        <Mos value={mos} rating={rateMos(mos)} text={formatMos(mos)} />
      </td>
    </tr>
  );
}

function Pages({ earlier, later }: { earlier: (() => void) | null; later: (() => void) | null }): JSX.Element | null {
  if (!earlier && !later) return null;
  return (
    <nav class="pages" aria-label="Pages of records">
      <button type="button" class="button" disabled={!later} onClick={() => later?.()}>
        Later
      </button>
      <button type="button" class="button" disabled={!earlier} onClick={() => earlier?.()}>
        Earlier
      </button>
    </nav>
  );
}
