/** The life of a gateway in the foreground: until a signal, then calls end and everything is closed. */

import { existsSync } from 'node:fs';
import type { Config } from '../config/schema.ts';
import type { Environment, GatewayExtras, RunningGateway } from './environment.ts';
import { UsageError } from './plain-error.ts';

/** Rejects when the configuration wants pages that are not built, and with what the gateway says. */
export async function openGateway(config: Config, environment: Environment, extras?: GatewayExtras): Promise<RunningGateway> {
  const { pages } = environment;
  if (config.web.softphone && !existsSync(pages)) throw new UsageError(`there are no pages in ${pages}: build them with npm run build`);
  return environment.createGateway(config, extras);
}

export async function serveUntilStopped(gateway: RunningGateway, environment: Pick<Environment, 'stopRequested'>): Promise<void> {
  const signal = await environment.stopRequested();
  gateway.log.info({ signal }, 'stopping: no more calls, running ones are ended');
  await gateway.close();
}
