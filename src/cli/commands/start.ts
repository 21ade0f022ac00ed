/** `offhook start`: the gateway in the foreground. */

import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Environment, RunningGateway } from '../environment.ts';
import { reload } from '../reloading.ts';
import { openGateway, serveUntilStopped } from '../serving.ts';

export async function start(options: { readonly config?: string }, environment: Environment): Promise<number> {
  const config = loadConfig({ file: options.config, env: environment.variables });
  const gateway = await openGateway(config, environment);
  announce(config, gateway);
  environment.onReload(() => reload(options.config, gateway, environment));
  environment.notify('READY=1');
  await serveUntilStopped(gateway, environment, config.call.drainSec);
  return 0;
}

function announce(config: Config, { log }: RunningGateway): void {
  const { domain, users, trunks } = config;
  log.info({ domain, users: users.length, trunks: trunks.map(({ name }) => name) }, 'offhook is ready');
  if (users.length === 0) log.warn({}, 'no users are configured: nobody can register');
  if (trunks.length === 0) log.warn({}, 'no trunks are configured: there is nobody to call; `offhook demo` brings one along');
}
