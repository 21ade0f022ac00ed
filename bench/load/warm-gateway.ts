/** offhook as a relay that has been at work for a while, with the core and the priority of a measured relay. */

import { invariant } from '../../src/base/errors.ts';
import { threadTimesUs } from '../processes/cost.ts';
import { CallSetup } from './call-setup.ts';
import { networks } from './gateway.ts';
import { coarsePace, type Loadgen } from './loadgen.ts';
import { startOffhook } from './offhook.ts';

/** Calls with media before the measured ones: a process that has just started runs code that is not optimized yet. */
const firstCalls = 50;
const firstMedia = { seconds: 4, warmupSec: 1, ...coarsePace };

export async function openWarm(batchUs: number | 'auto', generator: Loadgen, work: string): Promise<CallSetup> {
  const start = startOffhook({ batchUs, wrap: (command) => generator.wrapRelay(command) });
  const gateway = await CallSetup.open(start, networks.own, generator, work);
  try {
    const batch = await gateway.begin(firstCalls);
    const relayThread = await busiestThread(gateway.pids, () =>
      generator.run({ pids: gateway.pids, callsFile: batch.callsFile }, firstMedia),
    );
    await generator.putAhead(relayThread);
    await batch.hangUp();
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}

/**
 * While there is nothing but media, that is the relay's. On the one core that all threads are held to here, the main thread would
 * delay packets that it does not delay on a machine with another core.
 */
async function busiestThread(pids: readonly number[], work: () => Promise<unknown>): Promise<number> {
  const times = (): [number, number][] => pids.flatMap((pid) => [...threadTimesUs(pid)]);
  const before = new Map(times());
  await work();
  const [busiest] = times()
    .map(([thread, timeUs]) => ({ thread, spentUs: timeUs - (before.get(thread) ?? 0) }))
    .sort((a, b) => b.spentUs - a.spentUs);
  invariant(busiest, 'a running gateway has threads');
  return busiest.thread;
}
