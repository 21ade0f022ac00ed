/** Trunks, as the API sees, switches and tests them. */

import type { EventEmitter } from 'node:events';
import type { TrunkSwitches } from '../accounts/account.ts';
import type { TrunkControl } from '../api/gateway-control.ts';
import { notFound } from '../api/problem.ts';
import type { Trunk as TrunkResource, TrunkTest } from '../api/resources/trunks.ts';
import type { Clock } from '../base/clock.ts';
import type { GatewayEvents } from '../events/gateway-events.ts';
import { resultText } from '../trunk/requester.ts';
import type { Trunks } from '../trunk/trunks.ts';

export interface TrunkControlOptions {
  readonly trunks: Pick<Trunks, 'all' | 'byName' | 'standings' | 'test'>;
  readonly switches: TrunkSwitches;
  readonly events: EventEmitter<GatewayEvents>;
  calls(trunk: string): number;
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
}

interface News {
  readonly at: number;
  readonly detail: string;
}

export function trunkControl({ trunks, switches, events, calls, clock }: TrunkControlOptions): TrunkControl {
  const news = new Map<string, News>();
  events.on('trunk.state', ({ trunk, state, detail }) => news.set(trunk, { at: clock.wallTime(), detail: `${state}: ${detail}` }));
  const one = (name: string): TrunkResource => {
    const trunk = trunks.byName(name);
    if (!trunk) throw notFound('such trunk');
    const { options, available, addresses } = trunk;
    const registered = trunks.standings().find((standing) => standing.name === name)?.registered ?? null;
    const { at = null, detail = '' } = news.get(name) ?? {};
    return {
      name,
      target: options.target,
      enabled: switches.isEnabled(name),
      available,
      pinged: options.pingSec > 0,
      registration: registered === null ? null : registered ? 'registered' : 'unregistered',
      addresses,
      codecs: options.codecs,
      calls: calls(name),
      changedAt: at,
      detail,
    };
  };
  return {
    all: () => trunks.all().map(({ name }) => one(name)),
    one,
    async setEnabled(name, enabled) {
      const before = one(name);
      if (before.enabled === enabled) return before;
      await switches.setEnabled(name, enabled);
      events.emit(enabled ? 'trunk.enabled' : 'trunk.disabled', { trunk: name });
      return one(name);
    },
    async test(name) {
      one(name);
      const begun = clock.now();
      const result = await trunks.test(name);
      return testResult(name, result, clock.now() - begun);
    },
  };
}

/** Any answer is a sign of life, but for a 408 that we made up ourselves. */
function testResult(trunk: string, result: Awaited<ReturnType<Trunks['test']>>, tookMs: number): TrunkTest {
  if (typeof result === 'string') {
    const detail =
      result === 'timeout' ? 'no answer to OPTIONS' : 'OPTIONS could not be sent: the target does not resolve or cannot be reached';
    return { trunk, answered: false, status: null, roundTripMs: null, detail };
  }
  return { trunk, answered: true, status: result.status, roundTripMs: Math.round(tookMs * 10) / 10, detail: resultText(result) };
}
