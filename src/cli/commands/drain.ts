/** `offhook drain`: the gateway takes no more calls, and those that run end by themselves or at a deadline. */

import type { Draining } from '../../api/resources/node.ts';
import type { Environment } from '../environment.ts';
import { printJson } from '../output.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export async function drain(options: RemoteOptions & { readonly deadline: number }, environment: Environment): Promise<void> {
  const body = { deadlineSec: options.deadline };
  const draining = await new GatewayClient(options, environment).ask<Draining>('/drain', { method: 'POST', body });
  if (options.json) printJson(draining, environment);
  else environment.print(`No more calls. ${draining.calls} still run, and are ended in ${options.deadline} s.\n`);
}
