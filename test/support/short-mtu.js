/**
 * Run by itself, on the built product, where loopback has an MTU of 1400 bytes: a UDP driver sends a longer datagram between two short
 * ones. Prints the lengths that arrive as JSON, the long one left out.
 */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { systemClock } from '../../dist/base/clock.js';
import { DgramDriver } from '../../dist/relay/io/dgram.js';
import { MmsgDriver } from '../../dist/relay/io/mmsg.js';

const [, , name, host] = process.argv;
const receiver = { receive() {}, prefetch: () => 0 };
const drivers = { mmsg: () => new MmsgDriver(systemClock, 0), dgram: () => new DgramDriver(systemClock) };
const driver = drivers[name]();
const peer = createSocket(host === '::1' ? 'udp6' : 'udp4').bind(0, host);
await once(peer, 'listening');
const lengths = [];
peer.on('message', ({ length }) => length <= 1400 && lengths.push(length));

const path = driver.path(await driver.bind({ host, port: 0 }, receiver), { host, port: peer.address().port });
for (const length of [100, 1600, 101]) driver.send(path, new Uint8Array(length), 0, length);
while (lengths.length < 2) await once(peer, 'message', { signal: AbortSignal.timeout(2000) });
console.log(JSON.stringify(lengths));
driver.shutdown();
peer.close();
