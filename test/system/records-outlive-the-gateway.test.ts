/** What is in the store is there after a kill: records, users added at run time, tokens. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import type { Driver } from '../../src/store/database.ts';
import { Child } from '../support/child.ts';
import { GatewayProcess, testUser } from '../support/gateway-process.ts';
import { phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { status } from '../support/plain-sip.ts';
import { drivers } from '../support/stores.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { until } from '../support/until.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));
const dora = { name: 'dora', password: 'the secret of dora' };

const opened: { close(): unknown }[] = [];

afterEach(async () => {
  for (const part of opened.splice(0).reverse()) await part.close();
});

function kept<Part extends { close(): unknown }>(part: Part): Part {
  opened.push(part);
  return part;
}

function freshFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-records-'));
  kept({ close: () => rmSync(folder, { recursive: true, force: true }) });
  return folder;
}

async function startGateway(trunk: TrunkPeer, path: string): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], config: { store: { path } } });
  kept({ close: () => gateway.stop() });
  return gateway;
}

/** `offhook token ...` on the store; what it prints. */
async function tokenCommand(path: string, ...words: string[]): Promise<string> {
  const child = new Child(process.execPath, [main, 'token', ...words], { env: { ...process.env, OFFHOOK_STORE_PATH: path } });
  const { code } = await child.exited;
  if (code !== 0) throw new Error(child.output);
  return child.output;
}

/** Resolves when the file holds a call with the quality of both legs, two seconds after its answer. */
async function noted(path: string): Promise<void> {
  const database = kept((drivers[0] as Driver).open(path));
  const sql = 'SELECT 1 FROM calls WHERE seen_at > answered_at + 2000 AND json_array_length(quality) = 2';
  await until('the note of the call', () => database.all({ sql, values: [] }).length === 1);
  database.close();
}

async function ask(gateway: GatewayProcess, method: string, path: string, token: string | null, body?: object) {
  const { host, port } = gateway.listeners.http;
  const response = await fetch(`http://${host}:${port}/api/v1${path}`, {
    method,
    headers: { ...(token && { Authorization: `Bearer ${token}` }), ...(body && { 'Content-Type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}

test('a killed gateway leaves its calls, users and tokens to the next one', async () => {
  const path = join(freshFolder(), 'offhook.db');
  const trunk = kept(await TrunkPeer.open());
  trunk.onCall = (call) => call.answer();

  const first = await startGateway(trunk, path);
  expect((await ask(first, 'POST', '/users', null, dora)).status).toBe(201);
  const phone = kept(await registeredPhone(first));
  const call = await phone.call('1001');
  await trunk.nextCall();
  await call.established();
  await noted(path);
  first.signal('SIGKILL');
  await until('the end of the gateway', () => !first.running);

  const token = (await tokenCommand(path, 'create', '--name', 'ops', '--role', 'admin')).split('\n')[0] ?? '';
  const second = await startGateway(trunk, path);
  expect(second.log.filter(({ msg }) => msg.includes('killed'))).toMatchObject([{ calls: 1 }]);
  expect((await ask(second, 'GET', '/records', null)).status).toBe(401);
  const { body } = await ask(second, 'GET', '/records', token);
  expect(body).toMatchObject({
    records: [
      {
        user: testUser.name,
        number: '1001',
        trunk: 'carrier',
        end: { cause: 'killed', side: 'gateway' },
        codecs: { browser: 'PCMU', trunk: 'PCMU' },
      },
    ],
    next: null,
  });
  const [record] = body.records;
  expect(record.endedAt - record.answeredAt).toBeGreaterThan(1000);
  expect(record.quality).toHaveLength(2);

  // A user who was added at run time is one; a removed one is none, and no longer registered.
  const doraPhone = kept(await registeredPhone(second, { user: dora.name, password: dora.password }));
  const registered = async () =>
    (await ask(second, 'GET', '/registrations', token)).body.registrations.map(({ user }: { user: string }) => user);
  expect(await registered()).toContain(dora.name);
  expect((await ask(second, 'DELETE', `/users/${dora.name}`, token)).status).toBe(204);
  expect(await registered()).not.toContain(dora.name);
  expect(status(await doraPhone.register())).toBe(401);

  // The running gateway takes note of a token that is revoked behind its back.
  expect(await tokenCommand(path, 'revoke', 'ops')).toContain('revoked');
  await until('the token to be refused', async () => (await ask(second, 'GET', '/records', token)).status === 401, 5000);
});

test('a call that ends is a record at once, and the next start finds it', async () => {
  const path = join(freshFolder(), 'offhook.db');
  const trunk = kept(await TrunkPeer.open());
  trunk.onCall = (call) => call.answer();
  const first = await startGateway(trunk, path);
  const phone = kept(await registeredPhone(first));
  const call = await phone.call('1001');
  await trunk.nextCall();
  await call.established();
  await call.bye();
  const find = (gateway: GatewayProcess) => async () => (await ask(gateway, 'GET', '/records', null)).body.records[0];
  const record = await until('the record', find(first));
  expect(record).toMatchObject({ end: { cause: 'hung-up', side: 'browser' }, number: '1001' });
  await first.stop();
  const second = await startGateway(trunk, path);
  expect(await find(second)()).toEqual(record);
});

test('a store that cannot be written holds up no call; its record is written as soon as it can be', async () => {
  const path = join(freshFolder(), 'offhook.db');
  const trunk = kept(await TrunkPeer.open());
  trunk.onCall = (call) => call.answer();
  const gateway = await startGateway(trunk, path);
  const phone = kept(await registeredPhone(gateway));
  const other = kept(drivers[0]?.open(path) ?? { close: () => {}, exec: () => {} });
  other.exec('BEGIN IMMEDIATE');
  const call = await phone.call('1001');
  await trunk.nextCall();
  await call.established();
  await until('the complaint', () => gateway.log.some(({ msg }) => msg === 'the store cannot be written'));
  expect(status(await call.bye())).toBe(200);
  expect((await ask(gateway, 'GET', '/records', null)).body.records).toEqual([]);
  other.exec('ROLLBACK');
  const record = await until('the record', async () => (await ask(gateway, 'GET', '/records', null)).body.records[0]);
  expect(record).toMatchObject({ number: '1001', end: { cause: 'hung-up' } });
});

test('a store that cannot be opened stops the start in one sentence', async () => {
  const folder = freshFolder();
  const child = new Child(process.execPath, [main, 'start'], {
    env: { ...process.env, OFFHOOK_STORE_PATH: folder, OFFHOOK_HTTP: '{ listen: "127.0.0.1:0" }' },
  });
  expect(await child.exited).toMatchObject({ code: 1 });
  expect(child.output).toContain(`the store ${folder} is a folder`);
  expect(child.output).not.toContain('    at ');
});
