/** What the API asks of the gateway. Implemented by the composition root; whoever cannot do what is asked throws ApiProblem. */

import type { EventNotice } from '../events/event-feed.ts';
import type { Call, CallDetail, CallOrder, PlacedCall } from './resources/calls.ts';
import type { Finding } from './resources/findings.ts';
import type { Draining, Node } from './resources/node.ts';
import type { CallRecord, RecordPage, RecordQuery } from './resources/records.ts';
import type { Registration } from './resources/registrations.ts';
import type { Trace } from './resources/traces.ts';
import type { Trunk, TrunkTest } from './resources/trunks.ts';
import type { NewUser, User, UserChange } from './resources/users.ts';
import type { NewWebhook, Webhook } from './resources/webhooks.ts';

/** `draining`: running calls go on, new ones are refused. */
export type GatewayState = 'starting' | 'ready' | 'draining';

/** A running call, as the library shows it. */
export type CallSummary = Omit<Call, 'codec' | 'mos'>;

export interface CallControl {
  running(): readonly Call[];
  one(callId: string): CallDetail;
  hangUp(callId: string): void;
  /** The user's browsers ring; when one has answered, the number is dialled. */
  place(order: CallOrder): PlacedCall;
}

/** What is known of a call that runs or has ended not long ago. */
export interface TraceControl {
  trace(callId: string): Trace;
  text(callId: string): string;
  pcapng(callId: string): Uint8Array<ArrayBuffer>;
  findings(callId: string): readonly Finding[];
}

export interface RegistrationControl {
  all(): readonly Registration[];
  /** One contact, or all of the user's. */
  remove(user: string, contact: string | null): void;
}

export interface UserControl {
  all(): readonly User[];
  one(name: string): User;
  create(user: NewUser): Promise<User>;
  change(name: string, change: UserChange): Promise<User>;
  remove(name: string): Promise<void>;
}

export interface TrunkControl {
  all(): readonly Trunk[];
  one(name: string): Trunk;
  setEnabled(name: string, enabled: boolean): Promise<Trunk>;
  test(name: string): Promise<TrunkTest>;
}

export interface RecordControl {
  find(query: RecordQuery): Promise<RecordPage>;
  one(callId: string): Promise<CallRecord>;
  /** In chunks, the heading first. */
  csv(filter: Omit<RecordQuery, 'limit' | 'cursor'>): AsyncIterable<string>;
}

export interface WebhookControl {
  all(): readonly Webhook[];
  add(webhook: NewWebhook): Promise<Webhook>;
  remove(id: string): Promise<void>;
}

export interface NodeControl {
  readonly state: GatewayState;
  describe(): Node;
  /** As it is in force; secrets are replaced. */
  configuration(): Readonly<Record<string, unknown>>;
  /** No more calls; running ones are ended after the deadline. Does not wait for that. */
  drain(deadlineSec: number): Draining;
}

export interface EventSource {
  /**
   * Calls back for each event that the filter lets pass, first for those after `lastId` that are still remembered; the returned function
   * ends that. Throws FilterError.
   */
  subscribe(filter: string, lastId: string | null, listener: (notice: EventNotice) => void): () => void;
}

export interface GatewayControl {
  readonly calls: CallControl;
  readonly traces: TraceControl;
  readonly registrations: RegistrationControl;
  readonly users: UserControl;
  readonly trunks: TrunkControl;
  readonly records: RecordControl;
  readonly webhooks: WebhookControl;
  readonly node: NodeControl;
  readonly events: EventSource;
}
