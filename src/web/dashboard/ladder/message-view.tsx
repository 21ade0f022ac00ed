/** A message opened: its text, and where its description became another one on the way, what changed. */

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Trace } from '../../../api/resources/traces.ts';
import { formatDateTime } from '../format.ts';
import { showHidden } from '../safe-text.ts';
import type { MessageRow } from './ladder.ts';
import { diffLines } from './line-diff.ts';
import { sdpOf } from './message-text.ts';

type View = 'message' | 'changes';

export function MessageView({ row, entries }: { row: MessageRow; entries: Trace['entries'] }): JSX.Element {
  const [view, setView] = useState<View>('message');
  const { entry, pair } = row;
  const route = entry.direction === 'received' ? [entry.remote, entry.local] : [entry.local, entry.remote];
  const [from, to] = route.map((address) => `${address?.host}:${address?.port}`);
  return (
    <div class="message-view">
      <p class="message-facts">
        {`${formatDateTime(entry.at)}.${String(entry.at % 1000).padStart(3, '0')}, ${entry.transport.toUpperCase()}, ${from} → ${to}`}
      </p>
      {pair && (
        <div class="switch">
          <ViewButton name="message" view={view} setView={setView} text="Message" />
          <ViewButton name="changes" view={view} setView={setView} text="SDP before and after" />
        </div>
      )}
      {pair && view === 'changes' ? (
        <Changes before={textOf(entries, pair.before)} after={textOf(entries, pair.after)} outbound={isFromBrowser(entries, pair.before)} />
      ) : (
        <pre class="message-text">{showHidden(entry.text.replaceAll('\r\n', '\n'))}</pre>
      )}
    </div>
  );
}

interface ViewButtonProps {
  readonly name: View;
  readonly view: View;
  readonly setView: (view: View) => void;
  readonly text: string;
}

function ViewButton({ name, view, setView, text }: ViewButtonProps): JSX.Element {
  return (
    <button type="button" class="switch-part" aria-pressed={view === name} onClick={() => setView(name)}>
      {text}
    </button>
  );
}

function Changes({ before, after, outbound }: { before: string; after: string; outbound: boolean }): JSX.Element {
  const lines = diffLines(before, after);
  const count = (kind: string): number => lines.filter((line) => line.kind === kind).length;
  const [from, to] = outbound ? ['browser', 'trunk'] : ['trunk', 'browser'];
  return (
    <>
      <p class="message-facts">
        {`As the ${from} wrote it, and as it went to the ${to}: ${count('removed')} lines left out, ${count('added')} new, ${count('same')} as they were.`}
      </p>
      <ol class="diff" aria-label="Changes of the description">
        {lines.map(({ kind, text }, index) => (
          <li key={index} data-kind={kind}>
            {kind !== 'same' && <span class="visually-hidden">{kind}: </span>}
            {showHidden(text)}
          </li>
        ))}
      </ol>
    </>
  );
}

function textOf(entries: Trace['entries'], index: number): string {
  const entry = entries[index];
  return entry?.kind === 'sip' ? (sdpOf(entry.text) ?? '') : '';
}

function isFromBrowser(entries: Trace['entries'], index: number): boolean {
  const entry = entries[index];
  return entry?.kind === 'sip' && entry.side === 'browser';
}
