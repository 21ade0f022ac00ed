/** The space that V8 has for new objects, as the program starts and while calls come: it stays as it began. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatewayProcess } from '../support/gateway-process.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

/** V8 begins with 1 MB for each of its two halves, and may double them whenever a thread starts; without us it has 16 MB for each by then. */
const mostKb = 8 << 10;
const calls = 20;

/**
 * Loaded into the gateway before its own code: on SIGUSR2 every thread but the main one meets an error that nobody catches, on SIGWINCH the
 * main one makes objects that outlive collections.
 */
const trouble = `
  import { BroadcastChannel, isMainThread } from 'node:worker_threads';
  const channel = new BroadcastChannel('trouble');
  channel.unref();
  if (!isMainThread) channel.onmessage = () => { throw new Error('a defect'); };
  else {
    process.on('SIGUSR2', () => channel.postMessage('now'));
    process.on('SIGWINCH', () => {
      for (let round = 0; round < 40; round++) Array.from({ length: 60_000 }, (_, index) => ({ index }));
      console.log('made objects');
    });
  }
`;

let trunk: TrunkPeer;
let gateway: GatewayProcess;
let phone: WebSocketPhone;

beforeAll(async () => {
  trunk = await TrunkPeer.open();
  const nodeArgs = ['--trace-gc-verbose', '--import', `data:text/javascript,${encodeURIComponent(trouble)}`];
  gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], nodeArgs });
  phone = await registeredPhone(gateway);
});

afterAll(async () => {
  await phone?.close();
  await gateway?.stop();
  trunk?.close();
});

test('the young generation of the program does not grow', async () => {
  trunk.onCall = (incoming) => incoming.answer();
  for (let done = 0; done < calls; done++) {
    const call = await phone.call('1001');
    await call.established();
    await call.bye();
  }
  await until('the end of the calls', () => callEnds(gateway).length === calls);
  expectSmall();
});

test('nor when a relay thread was replaced', async () => {
  process.kill(gateway.pid ?? 0, 'SIGUSR2');
  await until('another thread', () => gateway.log.filter(({ msg }) => msg === 'relay thread started').length === 2);
  process.kill(gateway.pid ?? 0, 'SIGWINCH');
  await until('the objects', () => gateway.output.includes('made objects'));
  expectSmall();
});

function expectSmall(): void {
  const committedKb = [...gateway.output.matchAll(/New space,.*committed: *(\d+) KB/g)].map(([, kilobytes]) => Number(kilobytes));
  expect(committedKb).not.toEqual([]);
  expect(Math.max(...committedKb)).toBeLessThanOrEqual(mostKb);
}
