/** Call records, as the API finds them. */

import type { RecordControl } from '../api/gateway-control.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import { recordsAsCsv } from '../records/csv.ts';
import { RecordQueryError, type RecordStore } from '../records/record-store.ts';

/** `store` null: the configuration wants none. */
export function recordControl(store: RecordStore | null): RecordControl {
  const open = (): RecordStore => {
    if (store) return store;
    throw new ApiProblem(501, 'no records are kept: store.path is null');
  };
  return {
    find: (query) => asked(open().find(query)),
    async one(callId) {
      const record = await open().get(callId);
      if (!record) throw notFound('record of such a call');
      return record;
    },
    csv: (filter) => recordsAsCsv(open(), filter),
  };
}

async function asked<Result>(result: Promise<Result>): Promise<Result> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof RecordQueryError) throw new ApiProblem(400, error.message);
    throw error;
  }
}
