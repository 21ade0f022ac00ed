/** Makes the host of a relay thread from its setup: loads the drivers that were chosen, binds the browsers' port. */

import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { dtlsDriver } from '../dtls/driver.ts';
import { Host } from './host.ts';
import { udpDriver } from './io/udp-driver.ts';
import type { FromThread, ThreadSetup } from './messages.ts';

export interface ThreadSurroundings {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log: Log;
}

/** Rejects when a driver cannot work here or the browsers' port cannot be bound. */
export async function startHost(setup: ThreadSetup, surroundings: ThreadSurroundings, post: (message: FromThread) => void): Promise<Host> {
  const { clock = systemClock, random = systemRandom, log } = surroundings;
  if (setup.srtp === 'evp') throw new Error('srtp: expected auto or node, evp is not built');
  const udp = await udpDriver(setup.driver, clock, setup.batchUs);
  const dtls = await dtlsDriver(setup.dtls);
  log.info(
    { udp: udp.driver.name, udpReason: udp.reason, dtls: dtls.driver.name, dtlsReason: dtls.reason, ...setup.addresses },
    'relay thread started',
  );
  const { addresses, certificate } = setup;
  const host = new Host({ addresses, certificate, udp: udp.driver, dtls: dtls.driver, random, clock, log }, post);
  try {
    await host.start();
  } catch (error) {
    udp.driver.shutdown();
    throw error;
  }
  return host;
}
