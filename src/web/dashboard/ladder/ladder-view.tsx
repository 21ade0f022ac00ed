/** The ladder diagram: browser, offhook and trunk as three lines, each message an arrow that opens. */

import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Trace } from '../../../api/resources/traces.ts';
import { formatOffset } from '../format.ts';
import { Empty } from '../parts/state.tsx';
import { shorten, showHidden } from '../safe-text.ts';
import { type LadderRow, layOut, type MessageRow, type NoteRow } from './ladder.ts';
import { MessageView } from './message-view.tsx';

export function LadderView({ entries }: { entries: Trace['entries'] }): JSX.Element {
  const rows = useMemo(() => layOut(entries), [entries]);
  const [open, setOpen] = useState<number | null>(null);
  if (rows.length === 0) return <Empty title="No messages yet." />;
  return (
    <div class="ladder">
      <div class="ladder-row ladder-heads" aria-hidden="true">
        <span class="head-browser">Browser</span>
        <span class="head-gateway">offhook</span>
        <span class="head-trunk">Trunk</span>
      </div>
      <ol>
        {rows.map((row) => (
          <li key={row.index}>
            <RungView row={row} open={open === row.index} toggle={() => setOpen(open === row.index ? null : row.index)} />
            {open === row.index && row.kind === 'message' && <MessageView row={row} entries={entries} />}
          </li>
        ))}
      </ol>
    </div>
  );
}

interface RungProps {
  readonly row: LadderRow;
  readonly open: boolean;
  readonly toggle: () => void;
}

function RungView({ row, open, toggle }: RungProps): JSX.Element {
  return row.kind === 'note' ? <NoteRung row={row} /> : <MessageRung row={row} open={open} toggle={toggle} />;
}

function NoteRung({ row: { offsetMs, side, text, tone } }: { row: NoteRow }): JSX.Element {
  return (
    <div class="ladder-row note" data-side={side ?? 'call'} data-tone={tone}>
      <span class="offset">{formatOffset(offsetMs)}</span>
      <span class="note-text">{showHidden(text)}</span>
    </div>
  );
}

function MessageRung({ row, open, toggle }: RungProps & { row: MessageRow }): JSX.Element {
  const { entry, label, towards, offsetMs, repeated, hasSdp } = row;
  return (
    <button
      type="button"
      class="ladder-row message"
      data-row
      data-side={entry.side}
      data-towards={towards}
      data-tone={label.tone}
      data-repeated={repeated}
      aria-expanded={open}
      aria-label={spoken(row)}
      onClick={toggle}
    >
      <span class="offset">{formatOffset(offsetMs)}</span>
      <span class="arrow">
        <span class="arrow-label">
          <b>{shorten(label.title, 40)}</b>
          <span class="arrow-detail">{shorten(label.detail, 60)}</span>
          {hasSdp && <span class="tag">SDP</span>}
          {repeated && <span class="tag">again</span>}
        </span>
        <span class="arrow-line" />
      </span>
    </button>
  );
}

function spoken({ entry, label, offsetMs, repeated }: MessageRow): string {
  const way = entry.direction === 'received' ? `from the ${entry.side}` : `to the ${entry.side}`;
  return `${shorten(`${label.title} ${label.detail}`, 100)} ${way}, ${formatOffset(offsetMs)} s${repeated ? ', again' : ''}`;
}
