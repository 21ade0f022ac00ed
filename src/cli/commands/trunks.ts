/** `offhook trunks`: how they stand, take one out of use, ask one whether it is there. */

import type { Trunk, TrunkList, TrunkTest } from '../../api/resources/trunks.ts';
import type { Environment } from '../environment.ts';
import { printJson, printTable, visible } from '../output.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export async function listTrunks(options: RemoteOptions, environment: Environment): Promise<void> {
  const list = await new GatewayClient(options, environment).ask<TrunkList>('/trunks');
  if (options.json) printJson(list, environment);
  else if (list.trunks.length === 0) environment.print('No trunks.\n');
  else environment.print(printTable(['trunk', 'target', 'in use', 'answers', 'registered', 'calls', 'last news'], list.trunks.map(rowOf)));
}

function rowOf({ name, target, enabled, pinged, available, registration, calls, detail }: Trunk) {
  return [name, target, enabled, pinged ? available : 'not asked', registration, calls, detail];
}

export async function switchTrunk(name: string, to: 'enable' | 'disable', options: RemoteOptions, environment: Environment): Promise<void> {
  const path = `/trunks/${encodeURIComponent(name)}/${to}`;
  const trunk = await new GatewayClient(options, environment).ask<Trunk>(path, { method: 'POST' });
  if (options.json) printJson(trunk, environment);
  else environment.print(trunk.enabled ? `${name} is in use.\n` : `${name} is out of use; its ${trunk.calls} running calls go on.\n`);
}

/** The exit code says whether it answered. */
export async function testTrunk(name: string, options: RemoteOptions, environment: Environment): Promise<number> {
  const path = `/trunks/${encodeURIComponent(name)}/test`;
  const result = await new GatewayClient(options, environment).ask<TrunkTest>(path, { method: 'POST' });
  const { answered, roundTripMs, detail } = result;
  if (options.json) printJson(result, environment);
  else environment.print(`${name}: ${visible(detail)}${roundTripMs === null ? '' : ` after ${roundTripMs} ms`}\n`);
  return answered ? 0 : 1;
}
