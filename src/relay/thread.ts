/** Makes the host of a relay thread from its setup: loads the drivers that were chosen, binds the browsers' port. */

import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { type ChosenDtlsDriver, dtlsDriver } from '../dtls/driver.ts';
import { srtpDriver } from '../srtp/driver.ts';
import { Host } from './host.ts';
import { udpDriver } from './io/udp-driver.ts';
import type { FromThread, ThreadSetup } from './messages.ts';

export interface ThreadSurroundings {
  readonly clock?: Clock;
  readonly random?: Random;
  readonly log: Log;
  /** In place of a driver that does its work in this thread. */
  readonly dtls?: ChosenDtlsDriver;
}

/** Rejects when a driver cannot work here or the browsers' port cannot be bound. */
export async function startHost(setup: ThreadSetup, surroundings: ThreadSurroundings, post: (message: FromThread) => void): Promise<Host> {
  const { clock = systemClock, random = systemRandom, log } = surroundings;
  const udp = await udpDriver(setup.driver, clock, setup.batchUs);
  try {
    const dtls = surroundings.dtls ?? (await dtlsDriver(setup.dtls));
    const srtp = await srtpDriver(setup.srtp);
    const drivers = { udp: udp.driver, dtls: dtls.driver, srtp: srtp.driver };
    const { addresses, certificate } = setup;
    const host = new Host({ ...drivers, addresses, certificate, random, clock, log }, post);
    await host.start();
    post({ type: 'drivers', drivers: { udp: udp.driver.name, dtls: dtls.driver.name, srtp: srtp.driver.name } });
    for (const [of, { driver, reason }] of Object.entries({ udp, dtls, srtp }))
      log.info({ of, driver: driver.name, reason }, 'driver chosen');
    log.info({ ...addresses }, 'relay thread started');
    return host;
  } catch (error) {
    udp.driver.shutdown();
    throw error;
  }
}
