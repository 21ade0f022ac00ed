/** Where the records of calls are kept and found. */

import type { CallEndCause } from '../events/call-end.ts';
import type { CallParties, CallRecord, CallSide, LegQuality } from '../events/gateway-events.ts';

/** What was found out about a call, as its record keeps it. */
export interface RecordFinding {
  readonly rule: string;
  readonly severity: 'info' | 'warning' | 'problem';
  readonly path: 'browser->gateway' | 'gateway->trunk' | 'trunk->gateway' | 'gateway->browser' | null;
  readonly text: string;
  readonly evidence: readonly string[];
  readonly advice: string;
  readonly since: number | null;
}

export interface StoredRecord extends CallRecord {
  /** What each leg spoke last, by its encoding name: `PCMU`; null before media. */
  readonly codecs: Readonly<Record<CallSide, string | null>>;
  /** The call that was transferred into this one. */
  readonly transferredFrom: string | null;
  readonly findings?: readonly RecordFinding[];
}

/** A call that runs, as far as it is known. Should the gateway be killed, this becomes its record. */
export interface RunningRecord extends CallParties {
  readonly invitedAt: number;
  readonly ringingAt: number | null;
  readonly earlyMediaAt: number | null;
  readonly answeredAt: number | null;
  readonly codecs: Readonly<Record<CallSide, string | null>>;
  readonly quality: readonly LegQuality[];
}

/** All that is given must hold. */
export interface RecordFilter {
  /** Of the INVITE, milliseconds since the Unix epoch, inclusive. */
  readonly from?: number;
  /** Likewise, exclusive. */
  readonly to?: number;
  readonly user?: string;
  /** A part of the number is enough. */
  readonly number?: string;
  readonly trunk?: string;
  readonly cause?: CallEndCause;
  readonly answered?: boolean;
}

export interface RecordQuery extends RecordFilter {
  /** 1 .. 1000 */
  readonly limit: number;
  /** `next` of the page before; RecordQueryError for any other text. */
  readonly cursor?: string;
}

/** The latest call first. */
export interface RecordPage {
  readonly records: readonly StoredRecord[];
  /** The cursor of the next page; null: this is the last. */
  readonly next: string | null;
}

export interface RecordStore {
  /** Queued; never waits. Replaces what `checkpoint` said about the call. */
  add(record: StoredRecord): void;
  /** Queued; never waits. */
  checkpoint(record: RunningRecord): void;
  /** Ended calls only. Rejects with RecordQueryError, or StoreError. */
  find(query: RecordQuery): Promise<RecordPage>;
  get(callId: string): Promise<StoredRecord | null>;
  /** Ends its retention; the database is closed by its owner. Idempotent. */
  close(): Promise<void>;
}

/** The question is wrong, not the store. */
export class RecordQueryError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RecordQueryError';
  }
}
