/**
 * Run by itself, on the built product: relay threads that shake hands without end, some ended politely and some in the middle.
 * A callback or a session that outlives its thread would crash the process.
 */

import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { systemClock } from '../../dist/base/clock.js';
import { systemRandom } from '../../dist/base/random.js';
import { createCertificate } from '../../dist/dtls/certificate.js';
import { dtlsDriver } from '../../dist/dtls/driver.js';

const rounds = 4;
const threadsAtOnce = 3;

function shakeHands(driver, certificate) {
  const ends = {};
  const events = (other) => ({
    send: (datagram) => setImmediate(() => ends[other].receive(datagram)),
    connected: () => parentPort.postMessage('connected'),
    failed: (reason, detail) => parentPort.postMessage(`${reason}: ${detail}`),
    closed: () => {},
  });
  const shared = { certificate, profiles: ['SRTP_AEAD_AES_128_GCM'], mtu: 1200, now: systemClock.now };
  ends.client = driver.create({ ...shared, role: 'client' }, events('server'));
  ends.server = driver.create({ ...shared, role: 'server' }, events('client'));
  ends.client.start();
}

async function beThread() {
  const { driver } = await dtlsDriver('openssl');
  const certificate = createCertificate(systemRandom, systemClock.wallTime());
  setInterval(() => shakeHands(driver, certificate), 1);
}

async function overseeThreads() {
  let connected = 0;
  for (let round = 0; round < rounds; round++) {
    const threads = Array.from({ length: threadsAtOnce }, () => new Worker(new URL(import.meta.url)));
    const busy = threads.map(
      (thread) =>
        new Promise((resolve) => {
          let heard = 0;
          thread.on('message', (message) => {
            if (message !== 'connected') throw new Error(message);
            connected++;
            if (++heard === 20) resolve(undefined);
          });
        }),
    );
    await Promise.all(busy);
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  console.log(`${connected >= rounds * threadsAtOnce * 20 ? 'all' : 'too few'} connected`);
}

await (isMainThread ? overseeThreads() : beThread());
