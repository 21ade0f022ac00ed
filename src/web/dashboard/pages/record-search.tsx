/** The search form of the records. What is searched stands in the address, so that it can be sent to somebody. */

import type { JSX } from 'preact';
import { callEndCauses } from '../../../events/call-end.ts';
import { printRoute } from '../route.ts';

export function RecordSearch({ query }: { query: URLSearchParams }): JSX.Element {
  return (
    <search>
      <form class="search" key={query.toString()} onSubmit={search}>
        <Field name="number" label="Number" query={query} filter />
        <Field name="user" label="User" query={query} />
        <Field name="trunk" label="Trunk" query={query} />
        <label class="field">
          How it ended
          <select name="cause" defaultValue={query.get('cause') ?? ''} onChange={(event) => event.currentTarget.form?.requestSubmit()}>
            <option value="">any</option>
            {callEndCauses.map((cause) => (
              <option key={cause} value={cause} selected={query.get('cause') === cause}>
                {cause}
              </option>
            ))}
          </select>
        </label>
        <Day name="from" label="From" query={query} />
        <Day name="to" label="To" query={query} />
        <button type="submit" class="button go">
          Search
        </button>
      </form>
    </search>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly query: URLSearchParams;
  readonly filter?: boolean;
}

function Field({ name, label, query, filter = false }: FieldProps): JSX.Element {
  return (
    <label class="field">
      {label}
      <input
        name={name}
        defaultValue={query.get(name) ?? ''}
        maxLength={64}
        autocomplete="off"
        spellcheck={false}
        {...(filter ? { 'data-filter': true } : {})}
      />
    </label>
  );
}

function Day({ name, label, query }: FieldProps): JSX.Element {
  return (
    <label class="field">
      {label}
      <input type="date" name={name} defaultValue={dayOf(query.get(name), name)} />
    </label>
  );
}

const dayMs = 86_400_000;

/** `to` is the end of its day. */
function dayOf(time: string | null, name: string): string {
  if (time === null) return '';
  const date = new Date(Number(time) - (name === 'to' ? 1 : 0));
  if (Number.isNaN(date.getTime())) return '';
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
}

function search(event: SubmitEvent): void {
  event.preventDefault();
  const wanted = new URLSearchParams();
  for (const [name, value] of new FormData(event.currentTarget as HTMLFormElement)) {
    const text = String(value).trim();
    if (text !== '') wanted.set(name, name === 'from' || name === 'to' ? timeOf(text, name) : text);
  }
  location.hash = printRoute('records', null, wanted);
}

/** Days begin when they begin for the reader. */
function timeOf(day: string, name: string): string {
  const begin = new Date(`${day}T00:00:00`).getTime();
  return String(name === 'to' ? begin + dayMs : begin);
}
