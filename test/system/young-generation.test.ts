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

let trunk: TrunkPeer;
let gateway: GatewayProcess;
let phone: WebSocketPhone;

beforeAll(async () => {
  trunk = await TrunkPeer.open();
  gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], nodeArgs: ['--trace-gc-verbose'] });
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
  const committedKb = [...gateway.output.matchAll(/New space,.*committed: *(\d+) KB/g)].map(([, kilobytes]) => Number(kilobytes));
  expect(committedKb).not.toEqual([]);
  expect(Math.max(...committedKb)).toBeLessThanOrEqual(mostKb);
});
