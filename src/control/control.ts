/** What the API may ask of the gateway, put together from the gateway's parts. */

import type { EventEmitter } from 'node:events';
import type { TrunkSwitches, UserAccounts } from '../accounts/account.ts';
import type { GatewayControl, GatewayState, WebhookControl } from '../api/gateway-control.ts';
import type { Clock } from '../base/clock.ts';
import type { CallOrders } from '../call/call-orders.ts';
import type { Switchboard } from '../call/switchboard.ts';
import type { Config } from '../config/schema.ts';
import type { EventFeed } from '../events/event-feed.ts';
import type { GatewayEvents } from '../events/gateway-events.ts';
import type { LocationStore } from '../location/location-store.ts';
import type { RecordStore } from '../records/record-store.ts';
import type { Registrar } from '../registrar/registrar.ts';
import type { MediaRelay } from '../relay/media-relay.ts';
import type { Traces } from '../trace/traces.ts';
import type { Trunks } from '../trunk/trunks.ts';
import { callControl } from './call-control.ts';
import { LiveCalls } from './live-calls.ts';
import { nodeControl } from './node-control.ts';
import { registrationControl, userControl } from './people-control.ts';
import { recordControl } from './record-control.ts';
import { traceControl } from './trace-control.ts';
import { trunkControl } from './trunk-control.ts';

export interface ControlParts {
  readonly version: string;
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
  readonly events: EventEmitter<GatewayEvents>;
  readonly feed: EventFeed;
  readonly signalling: {
    readonly switchboard: Pick<Switchboard, 'calls'>;
    readonly orders: CallOrders;
    readonly location: LocationStore;
    readonly registrar: Pick<Registrar, 'removeContact'>;
    readonly trunks: Trunks;
  };
  readonly relay: Pick<MediaRelay, 'load'>;
  readonly traces: Traces;
  readonly users: UserAccounts;
  readonly switches: TrunkSwitches;
  /** Null: none are kept. */
  readonly records: RecordStore | null;
  readonly webhooks: WebhookControl;
  state(): GatewayState;
  config(): Config;
  /** Takes no more calls and ends those that run after so long. */
  drain(deadlineSec: number): void;
}

export function createControl(parts: ControlParts): GatewayControl {
  const { clock, events, signalling, relay, traces } = parts;
  const { switchboard, orders, location, registrar, trunks } = signalling;
  const parties = () => [...switchboard.calls].flatMap((call) => (call.state === 'ended' ? [] : [call.parties]));
  const connected = () => [...location.all()].filter(({ flowId }) => flowId !== null);
  const live = new LiveCalls(events, () => clock.wallTime());
  return {
    calls: callControl({ running: () => switchboard.calls, orders, live }),
    traces: traceControl({ traces, clock }),
    registrations: registrationControl({ location, remove: (user, contact) => registrar.removeContact(user, contact), clock }),
    users: userControl({
      accounts: parts.users,
      contacts: (name) => connected().filter(({ user }) => user === name).length,
      calls: (name) => parties().filter(({ user }) => user === name).length,
    }),
    trunks: trunkControl({
      trunks,
      switches: parts.switches,
      events,
      calls: (name) => parties().filter(({ trunk }) => trunk === name).length,
      clock,
    }),
    records: recordControl(parts.records),
    webhooks: parts.webhooks,
    node: nodeControl({
      version: parts.version,
      clock,
      state: parts.state,
      config: parts.config,
      load: () => relay.load,
      calls: () => parties().length,
      registrations: () => connected().length,
      drain: parts.drain,
    }),
    events: parts.feed,
  };
}
