/** The milestones of a call in order, without the messages. */

import type { JSX } from 'preact';
import type { Trace } from '../../../api/resources/traces.ts';
import { formatOffset } from '../format.ts';
import { layOut, type NoteRow } from '../ladder/ladder.ts';
import { Empty } from '../parts/state.tsx';
import { showHidden } from '../safe-text.ts';

const sides = { browser: 'Browser', trunk: 'Trunk' } as const;

export function Timeline({ entries }: { entries: Trace['entries'] }): JSX.Element {
  const notes = layOut(entries).filter((row): row is NoteRow => row.kind === 'note');
  if (notes.length === 0) return <Empty title="Nothing yet." />;
  return (
    <ol class="timeline">
      {notes.map(({ index, offsetMs, side, text, tone }) => (
        <li key={index} data-tone={tone} data-side={side ?? 'call'}>
          <span class="offset">{formatOffset(offsetMs)}</span>
          <span>
            {side !== null && <span class="timeline-side">{sides[side]} </span>}
            {showHidden(text)}
          </span>
        </li>
      ))}
    </ol>
  );
}
