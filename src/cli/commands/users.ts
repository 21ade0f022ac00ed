/** `offhook users`: who may register, as the running gateway knows them. */

import type { User, UserList } from '../../api/resources/users.ts';
import type { Environment } from '../environment.ts';
import { printJson, printTable } from '../output.ts';
import { UsageError } from '../plain-error.ts';
import { GatewayClient, type RemoteOptions } from '../remote/gateway-client.ts';

export interface UserOptions extends RemoteOptions {
  readonly password?: string;
  readonly callerId?: string;
  readonly dtmf?: 'rfc4733' | 'info';
}

export async function listUsers(options: RemoteOptions, environment: Environment): Promise<void> {
  const list = await new GatewayClient(options, environment).ask<UserList>('/users');
  if (options.json) printJson(list, environment);
  else if (list.users.length === 0) environment.print('No users.\n');
  else {
    const rows = list.users.map(({ name, callerId, dtmf, source, contacts, calls }) => [name, callerId, dtmf, source, contacts, calls]);
    environment.print(printTable(['user', 'caller id', 'DTMF', 'kept in', 'browsers', 'calls'], rows));
  }
}

export async function addUser(name: string, options: UserOptions, environment: Environment): Promise<void> {
  const password = passwordOf(options, environment);
  if (password === undefined) throw new UsageError('a password is needed: --password, or OFFHOOK_PASSWORD where others see command lines');
  const body = { name, password, ...changeOf(options) };
  tell(
    await new GatewayClient(options, environment).ask<User>('/users', { method: 'POST', body }),
    'may register now',
    options,
    environment,
  );
}

export async function changeUser(name: string, options: UserOptions, environment: Environment): Promise<void> {
  const password = passwordOf(options, environment);
  const body = { ...(password === undefined ? {} : { password }), ...changeOf(options) };
  if (Object.keys(body).length === 0) throw new UsageError('nothing to change: --password, --caller-id or --dtmf');
  const path = `/users/${encodeURIComponent(name)}`;
  tell(await new GatewayClient(options, environment).ask<User>(path, { method: 'PUT', body }), 'is changed', options, environment);
}

export async function removeUser(name: string, options: RemoteOptions, environment: Environment): Promise<void> {
  await new GatewayClient(options, environment).ask(`/users/${encodeURIComponent(name)}`, { method: 'DELETE' });
  environment.print(`${name} is removed.\n`);
}

function passwordOf({ password }: UserOptions, { variables }: Environment): string | undefined {
  return password ?? variables['OFFHOOK_PASSWORD'];
}

function changeOf({ callerId, dtmf }: UserOptions) {
  return { ...(callerId === undefined ? {} : { callerId }), ...(dtmf === undefined ? {} : { dtmf }) };
}

function tell(user: User, what: string, { json }: RemoteOptions, environment: Environment): void {
  if (json) printJson(user, environment);
  else environment.print(`${user.name} ${what}.\n`);
}
