/** The calls that run, as the API sees and ends them. */

import type { CallControl } from '../api/gateway-control.ts';
import { ApiProblem, notFound } from '../api/problem.ts';
import type { Call, CallDetail, CallOrder, PlacedCall } from '../api/resources/calls.ts';
import type { Call as RunningCall } from '../call/call.ts';
import type { OrderRefusal, OrderSummary } from '../call/call-orders.ts';
import type { CallEnd } from '../events/call-end.ts';
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

const operatorHungUp: CallEnd = { cause: 'operator', side: 'gateway', detail: 'an operator hung up' };

export function callControl({ running, orders, live }: CallControlOptions): CallControl {
  const summaries = (): Call[] => {
    const calls = [...running()].flatMap((call) => summaryOf(call, live) ?? []);
    return [...orders.pending().map(orderSummary), ...calls];
  };
  return {
    running: summaries,
    one(callId) {
      const call = summaries().find((candidate) => candidate.callId === callId);
      if (!call) throw notFound('such call running');
      return detailOf(call, live);
    },
    hangUp(callId) {
      const call = [...running()].find(({ parties, state }) => parties.callId === callId && state !== 'ended');
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

function summaryOf({ parties, state, invitedAt, answeredAt }: RunningCall, live: LiveCalls): Call | null {
  if (state === 'ended') return null;
  const { callId } = parties;
  return { ...parties, state, invitedAt, answeredAt, codec: live.get(callId)?.codec ?? null, mos: live.mos(callId) };
}

function orderSummary({ callId, user, number, orderedAt }: OrderSummary): Call {
  const unknown = { answeredAt: null, codec: null, mos: null };
  return { callId, user, number, direction: 'outbound', trunk: '', state: 'preparing', invitedAt: orderedAt, ...unknown };
}

function detailOf(call: Call, live: LiveCalls): CallDetail {
  const { ringingAt = null, media = null, quality = [], heldBy = [] } = live.get(call.callId) ?? {};
  return { ...call, ringingAt, media, quality, heldBy: [...heldBy] };
}
