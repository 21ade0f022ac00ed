/** offhook as a relay that has been at work for a while, with the core and the priority of a measured relay. */

import { CallSetup } from './call-setup.ts';
import { networks } from './gateway.ts';
import type { Loadgen } from './loadgen.ts';
import { startOffhook } from './offhook.ts';

/** Calls with media before the measured ones: a process that has just started runs code that is not optimized yet. */
const firstCalls = 50;
const firstMedia = { seconds: 4, warmupSec: 1, tickUs: 1000 };

export async function openWarm(batchUs: number | 'auto', generator: Loadgen, work: string): Promise<CallSetup> {
  const start = startOffhook({ batchUs, wrap: (command) => generator.wrapRelay(command) });
  const gateway = await CallSetup.open(start, networks.own, generator, work);
  try {
    const batch = await gateway.begin(firstCalls);
    await generator.run({ pids: gateway.pids, callsFile: batch.callsFile }, firstMedia);
    await batch.hangUp();
    return gateway;
  } catch (error) {
    await gateway.close();
    throw error;
  }
}
