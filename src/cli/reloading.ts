/** Reading the configuration again while calls run. */

import { loadConfig } from '../config/load.ts';
import type { Environment, RunningGateway } from './environment.ts';
import { plainError } from './plain-error.ts';

/** What cannot be used changes nothing, and the log says why. Never rejects. */
export async function reload(
  file: string | undefined,
  gateway: RunningGateway,
  environment: Pick<Environment, 'notify' | 'variables'>,
): Promise<void> {
  environment.notify('RELOADING=1');
  try {
    const { live, restart } = await gateway.reconfigure(loadConfig({ file, env: environment.variables }));
    gateway.log.info({ changed: live }, 'configuration read again');
    if (restart.length > 0) gateway.log.warn({ keys: restart }, 'changes of these keys count after a restart only');
  } catch (error) {
    gateway.log.error({ error: plainError(error) }, 'configuration cannot be used: everything stays as it was');
  }
  environment.notify('READY=1');
}
