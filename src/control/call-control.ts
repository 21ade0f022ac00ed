/** The calls that run, as the API sees and ends them. */

import type { CallControl } from '../api/gateway-control.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import type { Call, CallDetail, CallOrder, PlacedCall } from '../api/resources/calls.ts';
import type { Call as RunningCall } from '../call/call.ts';
import type { OrderRefusal, OrderSummary } from '../call/call-orders.ts';
import type { CallState } from '../call/machine.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { LegQuality } from '../events/gateway-events.ts';
import type { LiveCalls } from './live-calls.ts';

export interface CallControlOptions {
  /** Those that have ended, but are not gone yet, among them. */
  running(): Iterable<RunningCall>;
  readonly orders: {
    /** Whose browsers ring. */
    pending(): readonly OrderSummary[];
    place(order: CallOrder): PlacedCall | OrderRefusal;
    /** Whether there was one. */
    cancel(callId: string): boolean;
  };
  readonly live: LiveCalls;
}

type LiveCall = RunningCall & { readonly state: Exclude<CallState, 'ended'> };

const operatorHungUp: CallEnd = { cause: 'operator', side: 'gateway', detail: 'an operator hung up' };

export function callControl({ running, orders, live }: CallControlOptions): CallControl {
  const calls = (): LiveCall[] => [...running()].filter((call): call is LiveCall => call.state !== 'ended');
  const callOf = (id: string): LiveCall | undefined => calls().find(({ parties }) => parties.callId === id);
  return {
    running: () => [...orders.pending().map(summaryOfOrder), ...calls().map((call) => summaryOf(call, live))],
    one(callId) {
      const call = callOf(callId);
      if (call) return detailOf(call, live);
      const order = orders.pending().find((pending) => pending.callId === callId);
      if (!order) throw notFound('such call running');
      return detailOfOrder(order);
    },
    hangUp(callId) {
      const call = callOf(callId);
      if (call) call.stop(operatorHungUp);
      else if (!orders.cancel(callId)) throw notFound('such call running');
    },
    place(order) {
      const placed = orders.place(order);
      if ('callId' in placed) return placed;
      throw new ApiProblem(placed.status === 503 ? 503 : placed.status === 404 ? 404 : 409, placed.detail);
    },
  };
}

function summaryOf({ parties, state, invitedAt, answeredAt, quality }: LiveCall, live: LiveCalls): Call {
  const codec = live.get(parties.callId)?.codec ?? null;
  return { ...parties, state, invitedAt, answeredAt, codec, mos: worstMos(quality) };
}

/** Of the leg that hears worse; null before media. */
function worstMos(quality: readonly LegQuality[]): number | null {
  const values = quality.flatMap(({ mos }) => (mos === null ? [] : [mos]));
  return values.length === 0 ? null : Math.min(...values);
}

function detailOf(call: LiveCall, live: LiveCalls): CallDetail {
  const { ringingAt = null, media = null, heldBy = [] } = live.get(call.parties.callId) ?? {};
  return { ...summaryOf(call, live), ringingAt, media, quality: [...call.quality], heldBy: [...heldBy] };
}

function summaryOfOrder({ callId, user, number, orderedAt }: OrderSummary): Call {
  const unknown = { answeredAt: null, codec: null, mos: null };
  return { callId, user, number, direction: 'outbound', trunk: '', state: 'preparing', invitedAt: orderedAt, ...unknown };
}

function detailOfOrder(order: OrderSummary): CallDetail {
  return { ...summaryOfOrder(order), ringingAt: null, media: null, quality: [], heldBy: [] };
}
