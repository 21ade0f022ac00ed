/** What the main thread and a relay thread say to each other: plain values only, so that the same words serve within one thread. */

import type { Certificate } from '../dtls/certificate.ts';
import type { DtlsChoice } from '../dtls/driver.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { SrtpChoice } from '../srtp/driver.ts';
import type { Counters } from './counters.ts';
import type { CountersBatch } from './counters-batch.ts';
import type { UdpChoice } from './io/udp-driver.ts';
import type {
  BrowserLegLocal,
  BrowserLegRemote,
  ConnectedInfo,
  DriverNames,
  IceCredentials,
  LegFailure,
  LegId,
  LegMilestone,
  TrunkLegLocal,
  TrunkLegRemote,
} from './media-relay.ts';

/** Numbers a question, so that its answer finds the asker. */
export type RequestId = number;

/** Unique within the relay. */
export type SessionId = number;

/** Questions: each gets one `answer` or `refused`. */
export type RelayRequest =
  | { readonly type: 'add-browser-leg'; readonly session: SessionId; readonly leg: LegId }
  | { readonly type: 'add-trunk-leg'; readonly session: SessionId; readonly leg: LegId; readonly port: number }
  | { readonly type: 'restart-ice'; readonly session: SessionId; readonly leg: LegId };

/** What is answered, by the type of the question. */
export interface RelayAnswers {
  'add-browser-leg': BrowserLegLocal;
  'add-trunk-leg': TrunkLegLocal;
  'restart-ice': IceCredentials;
}

export type Refusal = 'port-busy' | 'gone' | 'error';

export type ToThread =
  | { readonly type: 'open'; readonly session: SessionId }
  | { readonly type: 'ask'; readonly request: RequestId; readonly question: RelayRequest }
  | { readonly type: 'configure-browser-leg'; readonly session: SessionId; readonly leg: LegId; readonly remote: BrowserLegRemote }
  | { readonly type: 'configure-trunk-leg'; readonly session: SessionId; readonly leg: LegId; readonly remote: TrunkLegRemote }
  | { readonly type: 'bridge'; readonly session: SessionId; readonly a: LegId; readonly b: LegId }
  | { readonly type: 'send-digit'; readonly session: SessionId; readonly leg: LegId; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'remove-leg'; readonly session: SessionId; readonly leg: LegId }
  | { readonly type: 'close'; readonly session: SessionId }
  /** The memory of a batch of counters, to be used again. */
  | { readonly type: 'stats-read'; readonly memory: ArrayBuffer }
  /** The thread closes all it has and says `stopped`. */
  | { readonly type: 'stop' };

/** What a leg has to tell. */
export type LegEvent =
  | { readonly type: 'connected'; readonly info: ConnectedInfo }
  | { readonly type: 'path-lost' }
  | { readonly type: 'path-restored' }
  | { readonly type: 'digit'; readonly digit: string; readonly durationMs: number }
  | { readonly type: 'milestone'; readonly milestone: LegMilestone }
  | { readonly type: 'failed'; readonly reason: LegFailure; readonly detail: string };

export interface LegCounters {
  readonly session: SessionId;
  readonly side: CallSide;
  readonly counters: Counters;
}

export type FromThread =
  | { readonly type: 'started' }
  /** The thread cannot serve. */
  | { readonly type: 'start-failed'; readonly detail: string }
  | { readonly type: 'answer'; readonly request: RequestId; readonly value: RelayAnswers[keyof RelayAnswers] }
  | { readonly type: 'refused'; readonly request: RequestId; readonly refusal: Refusal; readonly detail: string }
  | { readonly type: 'leg'; readonly session: SessionId; readonly leg: LegId; readonly event: LegEvent }
  /** Of some sessions; each has its turn once a second. */
  | { readonly type: 'stats'; readonly batch: CountersBatch }
  /** Which drivers serve. */
  | { readonly type: 'drivers'; readonly drivers: DriverNames }
  /** The share of the last second that the thread worked. */
  | { readonly type: 'busy'; readonly share: number }
  /** The thread came so late to its packets. */
  | { readonly type: 'late'; readonly lateMs: number }
  | { readonly type: 'closed'; readonly session: SessionId; readonly batch: CountersBatch }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly fields: object; readonly message: string }
  /** The last message of a thread. */
  | { readonly type: 'stopped' };

/** Where a thread's sockets are; all hosts are IP literals. */
export interface ThreadAddresses {
  /** One socket each, all on one port. */
  readonly browserHosts: readonly string[];
  readonly browserPort: number;
  /** What browsers are told; null: the sockets' own addresses. */
  readonly browserAdvertise: string | null;
  readonly trunkHost: string;
  readonly trunkAdvertise: string;
}

/** What a thread is made from. */
export interface ThreadSetup {
  readonly addresses: ThreadAddresses;
  readonly certificate: Certificate;
  readonly driver: UdpChoice;
  readonly batchUs: number | 'auto';
  readonly dtls: DtlsChoice;
  readonly srtp: SrtpChoice;
}

/** Memory that goes to the other thread with the messages, instead of a copy. */
export function handedOver(messages: ReadonlyArray<FromThread | ToThread>): ArrayBuffer[] {
  const memory: ArrayBuffer[] = [];
  for (const message of messages) {
    if (message.type === 'stats') memory.push(message.batch.buffer);
    else if (message.type === 'stats-read') memory.push(message.memory);
  }
  return memory;
}
