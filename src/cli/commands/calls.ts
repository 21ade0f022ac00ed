/** `offhook calls`: what is going on, hang up, place a call. */

import type { Call, CallDetail, CallList, LegQuality, PlacedCall } from '../../api/resources/calls.ts';
import type { Environment } from '../environment.ts';
import { durationText, printJson, printTable, timeText, visible } from '../output.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export async function listCalls(options: RemoteOptions, environment: Environment): Promise<void> {
  const list = await new GatewayClient(options, environment).ask<CallList>('/calls');
  if (options.json) printJson(list, environment);
  else if (list.calls.length === 0) environment.print('No calls.\n');
  else {
    const now = environment.clock.wallTime();
    const headings = ['call', 'state', 'direction', 'user', 'number', 'trunk', 'duration', 'MOS'];
    environment.print(
      printTable(
        headings,
        list.calls.map((call) => rowOf(call, now)),
      ),
    );
  }
}

function rowOf({ callId, state, direction, user, number, trunk, answeredAt, mos }: Call, now: number) {
  const duration = answeredAt === null ? null : durationText(now - answeredAt);
  return [callId, state, direction, user, number, trunk, duration, mos === null ? null : mos.toFixed(1)];
}

export async function showCall(callId: string, options: RemoteOptions, environment: Environment): Promise<void> {
  const call = await new GatewayClient(options, environment).ask<CallDetail>(`/calls/${encodeURIComponent(callId)}`);
  if (options.json) {
    printJson(call, environment);
    return;
  }
  const { state, direction, user, number, trunk, invitedAt, answeredAt, heldBy, media, quality } = call;
  environment.print(
    `${visible(user ?? '-')} ${direction === 'outbound' ? 'to' : 'from'} ${visible(number)} through ${visible(trunk)}: ${state}\n`,
  );
  environment.print(
    `began ${timeText(invitedAt)}, answered ${timeText(answeredAt)}${heldBy.length > 0 ? `, held by ${heldBy.join(' and ')}` : ''}\n`,
  );
  if (media) environment.print(`media from ${media.remote.host}:${media.remote.port}, ${media.profile}\n`);
  const headings = ['leg', 'way', 'packets', 'lost', 'jitter ms', 'round trip ms', 'MOS'];
  if (quality.length > 0) environment.print(`\n${printTable(headings, quality.flatMap(qualityRows))}`);
}

function qualityRows({ side, received, sent, roundTripMs, mos }: LegQuality) {
  const rounded = (value: number | null) => (value === null ? null : value.toFixed(1));
  return [
    [side, 'received', received.packets, received.lost, rounded(received.jitterMs), rounded(roundTripMs), rounded(mos)],
    [side, 'sent', sent.packets, sent.lost, rounded(sent.jitterMs), null, null],
  ];
}

export async function hangUp(callId: string, options: RemoteOptions, environment: Environment): Promise<void> {
  await new GatewayClient(options, environment).ask(`/calls/${encodeURIComponent(callId)}`, { method: 'DELETE' });
  environment.print('Hung up.\n');
}

export async function placeCall(user: string, number: string, options: RemoteOptions, environment: Environment): Promise<void> {
  const placed = await new GatewayClient(options, environment).ask<PlacedCall>('/calls', { method: 'POST', body: { user, number } });
  if (options.json) printJson(placed, environment);
  else environment.print(`${user} rings; then ${number} is dialled. Call ${placed.callId}\n`);
}
