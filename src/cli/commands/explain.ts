/** `offhook explain`: what is wrong with a call, in plain words. */

import type { Finding, FindingList } from '../../api/resources/findings.ts';
import type { Environment } from '../environment.ts';
import { printJson, visible } from '../output.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export async function explainCall(callId: string, options: RemoteOptions, environment: Environment): Promise<void> {
  const list = await new GatewayClient(options, environment).ask<FindingList>(`/calls/${encodeURIComponent(callId)}/findings`);
  if (options.json) printJson(list, environment);
  else environment.print(list.findings.map(printFinding).join('\n'));
}

function printFinding({ severity, path, text, evidence, advice }: Finding): string {
  const heading = `${severity}${path === null ? '' : ` (${path})`}: ${text}`;
  const lines = [heading, ...evidence.map((line) => `  - ${line}`), ...(advice === '' ? [] : [`  What to do: ${advice}`])];
  return lines.map((line) => `${visible(line)}\n`).join('');
}
