/** What becomes of handshakes when the thread that they run on dies. Threads run from dist/. */

import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import type { DtlsDriver } from '../../src/dtls/endpoint.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import type { DtlsThread } from '../../src/relay/dtls-thread.ts';
import { connect } from '../support/dtls-link.ts';
import { certificates, Party } from '../support/dtls-party.ts';
import { StartedWorkers } from '../support/started-workers.ts';
import { until } from '../support/until.ts';

const threadModule = new URL('../../dist/relay/dtls-thread.js', import.meta.url);

let workers: StartedWorkers;
let thread: DtlsThread;
let driver: DtlsDriver;

beforeEach(async (context) => {
  if (!existsSync(threadModule)) context.skip('npm run build makes dist/');
  const module = (await import(threadModule.href)) as typeof import('../../src/relay/dtls-thread.ts');
  workers = new StartedWorkers();
  const started = await module.DtlsThread.start({ choice: 'openssl', certificate: certificates.server }, silentLog);
  thread = started.thread;
  driver = started.chosen.driver;
});

afterEach(async () => {
  workers?.stopWatching();
  thread?.stop();
  await until('the end of the threads', () => (workers?.all ?? []).every(({ threadId }) => threadId === -1));
});

function meet(): { party: Party; peer: Party } {
  const party = new Party(driver, { role: 'server' });
  const peer = new Party(opensslDriver, { role: 'client' });
  connect(party, peer);
  return { party, peer };
}

test('they fail, those that ended well stay so, and the next ones run on another', async () => {
  const before = meet();
  before.peer.start();
  const [ours, theirs] = await Promise.all([before.party.connection(), before.peer.connection()]);
  expect([...ours.localKey]).toEqual([...theirs.remoteKey]);

  const during = meet();
  during.peer.deliver = () => {};
  during.party.start();
  await workers.all[0]?.terminate();
  expect(await during.party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
  expect(before.party.outcomes).toHaveLength(1);

  const after = meet();
  after.peer.start();
  await Promise.all([after.party.connection(), after.peer.connection()]);
  expect(workers.all).toHaveLength(2);

  const { length } = before.party.sent;
  for (const { party, peer } of [before, during, after]) for (const side of [party, peer]) side.close();
  expect(before.party.sent).toHaveLength(length + 1);
});

test('a driver that cannot work here is said so before anything is served', async () => {
  const { DtlsThread } = (await import(threadModule.href)) as typeof import('../../src/relay/dtls-thread.ts');
  await expect(DtlsThread.start({ choice: 'none' as never, certificate: certificates.server }, silentLog)).rejects.toThrow();
});
