/** The life of a gateway in the foreground: until a signal, then calls end and everything is closed. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { Environment, GatewayExtras, RunningGateway } from './environment.ts';
import { UsageError } from './plain-error.ts';

/** For calls that are being ended, trunks that are being left, and threads that stop; on top of the time to drain. */
const closeTakesSec = 20;

/** Rejects when the configuration wants pages that are not built, and with what the gateway says. */
export async function openGateway(config: Config, environment: Environment, extras?: GatewayExtras): Promise<RunningGateway> {
  const { pages } = environment;
  if (config.web.softphone && !existsSync(pages)) throw new UsageError(`there are no pages in ${pages}: build them with npm run build`);
  return environment.createGateway(config, extras);
}

/** After the first signal running calls may go on for `drainSec`, or until the next signal. */
export async function serveUntilStopped(
  gateway: RunningGateway,
  environment: Pick<Environment, 'stopRequested' | 'notify'>,
  drainSec = 0,
): Promise<void> {
  const signal = await environment.stopRequested();
  environment.notify(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${(drainSec + closeTakesSec) * 1_000_000}`);
  if (drainSec === 0) gateway.log.info({ signal }, 'stopping: no more calls, running ones are ended');
  else await waitForCalls(gateway, environment, signal, drainSec);
  await gateway.close();
}

async function waitForCalls(
  gateway: RunningGateway,
  environment: Pick<Environment, 'stopRequested'>,
  signal: string,
  drainSec: number,
): Promise<void> {
  gateway.log.info({ signal, drainSec }, 'draining: no more calls, running ones may go on; another signal ends them');
  await Promise.race([gateway.drain(drainSec * 1000), environment.stopRequested()]);
}
