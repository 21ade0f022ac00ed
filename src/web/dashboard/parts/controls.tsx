/** Buttons and fields that several pages use. */

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useAccount } from '../data/account.ts';
import { ApiFailure } from '../data/client.ts';
import { Icon } from './icon.tsx';

interface FilterProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}

/** Narrows a list while one types; Escape empties it. */
export function FilterBox({ label, value, onChange }: FilterProps): JSX.Element {
  return (
    <label class="filter">
      <span class="visually-hidden">{label}</span>
      <input
        type="search"
        data-filter
        placeholder={label}
        value={value}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => onChange(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && onChange('')}
      />
      <span class="filter-key" aria-hidden="true">
        /
      </span>
    </label>
  );
}

/** Whether each word of `filter` stands in one of `texts`; case does not matter. */
export function matches(filter: string, texts: readonly (string | null)[]): boolean {
  const haystack = texts
    .map((text) => text ?? '')
    .join('\n')
    .toLowerCase();
  return filter
    .toLowerCase()
    .split(' ')
    .every((word) => haystack.includes(word));
}

interface DownloadProps {
  readonly path: string;
  readonly fileName: string;
  readonly children: ComponentChildren;
}

/** A link for who needs no token; with one, the page fetches the file itself. */
export function Download({ path, fileName, children }: DownloadProps): JSX.Element {
  const { client } = useAccount();
  const [failure, setFailure] = useState<string | null>(null);
  function download(event: Event): void {
    event.preventDefault();
    setFailure(null);
    client.download(path, fileName).catch((error: unknown) => setFailure(error instanceof Error ? error.message : String(error)));
  }
  return (
    <>
      <a class="button" href={`/api/v1${path}`} download={fileName} onClick={download}>
        <Icon name="download" />
        {children}
      </a>
      {failure !== null && (
        <span class="inline-failure" role="alert">
          {failure}
        </span>
      )}
    </>
  );
}

interface ActionProps {
  readonly label: string;
  readonly tone?: 'plain' | 'stop';
  /** What the user is asked first; null: nothing. */
  readonly question: { readonly title: string; readonly text: string } | null;
  readonly act: () => Promise<unknown>;
  readonly done?: () => void;
  readonly children: ComponentChildren;
}

/** A button that changes something: asks where that is due, waits, and says what went wrong. */
export function Action({ label, tone = 'plain', question, act, done, children }: ActionProps): JSX.Element {
  const [state, setState] = useState<'idle' | 'asking' | 'acting'>('idle');
  const [failure, setFailure] = useState<string | null>(null);
  async function run(): Promise<void> {
    setState('acting');
    setFailure(null);
    try {
      await act();
      done?.();
    } catch (error) {
      setFailure(error instanceof ApiFailure || error instanceof Error ? error.message : String(error));
    }
    setState('idle');
  }
  return (
    <>
      <button
        type="button"
        class={`button ${tone}`}
        aria-label={label}
        disabled={state === 'acting'}
        onClick={() => (question ? setState('asking') : run())}
      >
        {children}
      </button>
      {failure !== null && (
        <span class="inline-failure" role="alert">
          {failure}
        </span>
      )}
      {state === 'asking' && question && <Question {...question} verb={label} no={() => setState('idle')} yes={run} />}
    </>
  );
}

interface QuestionProps {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly yes: () => void;
  readonly no: () => void;
}

function Question({ title, text, verb, yes, no }: QuestionProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="question" aria-labelledby="question-title" onClose={no}>
      <h2 id="question-title">{title}</h2>
      <p>{text}</p>
      <div class="dialog-end">
        <button type="button" class="button" onClick={no}>
          Cancel
        </button>
        <button type="button" class="button stop filled" onClick={yes}>
          {verb}
        </button>
      </div>
    </dialog>
  );
}
