/** What passes between the main thread and the store's. */

import type { Row, Statement } from './store.ts';

export interface StoreSetup {
  readonly path: string;
  readonly migrations: readonly string[];
}

export type StoreTask =
  | { readonly type: 'write' | 'commit'; readonly statements: readonly Statement[] }
  | { readonly type: 'query'; readonly statement: Statement }
  | { readonly type: 'close' };

export type ToStore = StoreTask & { readonly id: number };

export type FromStore =
  | { readonly type: 'opened'; readonly driver: string }
  | { readonly type: 'not-opened'; readonly detail: string }
  | { readonly type: 'done'; readonly id: number; readonly result: number | readonly Row[] | null }
  | { readonly type: 'failed'; readonly id: number; readonly detail: string };
