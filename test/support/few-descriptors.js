/**
 * Run by itself, on the built product, with few descriptors allowed: a UDP driver binds sockets until the system has no more for it.
 * Prints what it met as JSON.
 */

import { readdirSync } from 'node:fs';
import { systemClock } from '../../dist/base/clock.js';
import { DgramDriver } from '../../dist/relay/io/dgram.js';
import { MmsgDriver } from '../../dist/relay/io/mmsg.js';

const anywhere = { host: '127.0.0.1', port: 0 };
const receiver = { receive() {} };
const descriptors = () => readdirSync('/proc/self/fd').length;
const turn = () => new Promise(setImmediate);

const [, , name] = process.argv;
const drivers = { mmsg: () => new MmsgDriver(systemClock, 0), dgram: () => new DgramDriver(systemClock) };
const before = descriptors();
const driver = drivers[name]();

async function bindAll() {
  const sockets = [];
  for (;;) {
    try {
      sockets.push(await driver.bind(anywhere, receiver));
    } catch (error) {
      return { sockets, refusal: { name: error.name, code: error.code } };
    }
  }
}

const { sockets, refusal } = await bindAll();
await turn();
const again = await bindAll();
driver.close(sockets[0]);
await turn();
const afterOneClosed = await bindAll();
driver.shutdown();
await turn();
console.log(
  JSON.stringify({
    refusal,
    bound: sockets.length,
    boundAgain: again.sockets.length,
    boundAfterOneClosed: afterOneClosed.sockets.length,
    leaked: descriptors() - before,
  }),
);
