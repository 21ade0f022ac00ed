/** Where in the dashboard one is: the fragment of the address, `#/calls/ID` or `#/records?user=alice`. */

export const pageNames = ['calls', 'registrations', 'trunks', 'records', 'events', 'node', 'configuration'] as const;
export type PageName = (typeof pageNames)[number];

export interface Route {
  readonly page: PageName;
  /** Of one call, null on a list. */
  readonly id: string | null;
  readonly query: URLSearchParams;
}

/** Anything that is no page is the first one. */
export function parseRoute(hash: string): Route {
  const text = hash.startsWith('#') ? hash.slice(1) : hash;
  const mark = text.indexOf('?');
  const path = mark < 0 ? text : text.slice(0, mark);
  const [name = '', id = ''] = path.split('/').filter((part) => part !== '');
  const page = pageNames.find((known) => known === name) ?? 'calls';
  return { page, id: id === '' ? null : unescaped(id), query: new URLSearchParams(mark < 0 ? '' : text.slice(mark + 1)) };
}

export function printRoute(page: PageName, id: string | null = null, query?: URLSearchParams): string {
  const search = query?.toString() ?? '';
  return `#/${page}${id === null ? '' : `/${encodeURIComponent(id)}`}${search === '' ? '' : `?${search}`}`;
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
