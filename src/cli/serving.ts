/** The life of a gateway in the foreground: until a signal, then calls end and everything is closed. */

import { existsSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/schema.ts';
import type { Environment, GatewayExtras, RunningGateway } from './environment.ts';
import { UsageError } from './plain-error.ts';

/** Ending calls means a BYE on both sides and its answer; a peer that does not answer must not hold us up. */
const drainMs = 5000;

/** Rejects when the configuration wants pages that are not built, and with what the gateway says. */
export async function openGateway(config: Config, environment: Environment, extras?: GatewayExtras): Promise<RunningGateway> {
  const { pages } = environment;
  if (config.web.softphone && !existsSync(pages)) throw new UsageError(`there are no pages in ${pages}: build them with npm run build`);
  return environment.createGateway(config, extras);
}

export async function serveUntilStopped(gateway: RunningGateway, environment: Pick<Environment, 'stopRequested' | 'clock'>): Promise<void> {
  const signal = await environment.stopRequested();
  gateway.log.info({ signal }, 'stopping: no more calls, running ones are ended');
  if (!(await isDoneWithin(drainMs, gateway.drain(), environment.clock))) gateway.log.warn({}, 'some calls did not end in time');
  await gateway.close();
}

async function isDoneWithin(timeMs: number, work: Promise<void>, clock: Clock): Promise<boolean> {
  let cancel = (): void => {};
  const late = new Promise<boolean>((resolve) => {
    cancel = clock.after(timeMs, () => resolve(false));
  });
  const done = await Promise.race([work.then(() => true), late]);
  cancel();
  return done;
}
