/** `offhook records`: the calls that have ended. */

import type { CallRecord, RecordPage } from '../../api/resources/records.ts';
import type { Environment } from '../environment.ts';
import { durationText, printJson, printTable, timeText } from '../output.ts';
import { UsageError } from '../plain-error.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export interface RecordOptions extends RemoteOptions {
  readonly from?: string;
  readonly to?: string;
  readonly user?: string;
  readonly number?: string;
  readonly trunk?: string;
  readonly cause?: string;
  readonly limit?: string;
  readonly cursor?: string;
  readonly csv?: boolean;
}

export async function listRecords(options: RecordOptions, environment: Environment): Promise<void> {
  const client = new GatewayClient(options, environment);
  const { user, number, trunk, cause, limit, cursor } = options;
  const filter = { from: timeOf('--from', options.from), to: timeOf('--to', options.to), user, number, trunk, cause };
  if (options.csv) {
    environment.print(await client.text('/records.csv', { query: filter }));
    return;
  }
  const page = await client.ask<RecordPage>('/records', { query: { ...filter, limit, cursor } });
  if (options.json) printJson(page, environment);
  else if (page.records.length === 0) environment.print('No records.\n');
  else {
    const headings = ['call', 'began', 'direction', 'user', 'number', 'trunk', 'duration', 'ended by', 'cause'];
    environment.print(printTable(headings, page.records.map(rowOf)));
    if (page.next !== null) environment.print(`More: --cursor ${page.next}\n`);
  }
}

function rowOf({ callId, invitedAt, direction, user, number, trunk, answeredAt, endedAt, end }: CallRecord) {
  const duration = answeredAt === null ? null : durationText(endedAt - answeredAt);
  return [callId, timeText(invitedAt), direction, user, number, trunk, duration, end.side, end.cause];
}

/** A date, a date and time, or milliseconds since the Unix epoch. */
function timeOf(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const time = /^[0-9]{12,}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(time)) throw new UsageError(`${option}: ${text} is no time such as 2026-01-31 or 2026-01-31T12:00:00Z`);
  return String(time);
}
