/** What the events tell of calls that run: it stands beside them, for whoever looks. */

import type { EventEmitter } from 'node:events';
import type { SocketAddress } from '../base/address.ts';
import type { CallSide, GatewayEvents } from '../events/gateway-events.ts';

export interface LiveCall {
  ringingAt: number | null;
  codec: string | null;
  media: { readonly profile: string; readonly remote: SocketAddress } | null;
  readonly heldBy: Set<CallSide>;
}

export class LiveCalls {
  readonly #calls = new Map<string, LiveCall>();

  constructor(events: EventEmitter<GatewayEvents>, wallTime: () => number) {
    const change = (callId: string, action: (call: LiveCall) => void): void => {
      const call = this.#calls.get(callId);
      if (call) action(call);
    };
    events.on('call.started', ({ callId }) => {
      this.#calls.set(callId, { ringingAt: null, codec: null, media: null, heldBy: new Set() });
    });
    events.on('call.ended', ({ callId }) => this.#calls.delete(callId));
    events.on('call.ringing', ({ callId }) =>
      change(callId, (call) => {
        call.ringingAt ??= wallTime();
      }),
    );
    events.on('call.media', ({ callId, profile, remote }) =>
      change(callId, (call) => {
        call.media = { profile, remote };
      }),
    );
    events.on('call.media-changed', ({ callId, audio }) =>
      change(callId, (call) => {
        call.codec = audio.codec;
      }),
    );
    events.on('call.held', ({ callId, by }) => change(callId, ({ heldBy }) => heldBy.add(by)));
    events.on('call.resumed', ({ callId, by }) => change(callId, ({ heldBy }) => heldBy.delete(by)));
  }

  get(callId: string): LiveCall | undefined {
    return this.#calls.get(callId);
  }
}
