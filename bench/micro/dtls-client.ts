/**
 * A process that makes handshakes with a DTLS server, each as soon as the one before has ended. Its parent says how many with whom, and
 * hears null, or what went wrong.
 */

import { createSocket, type Socket } from 'node:dgram';
import { systemClock } from '../../src/base/clock.ts';
import { errorText } from '../../src/base/errors.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createCertificate } from '../../src/dtls/certificate.ts';
import { dtlsDriver } from '../../src/dtls/driver.ts';
import { DtlsSession } from './dtls-session.ts';

export interface Order {
  readonly port: number;
  readonly count: number;
}

const { driver } = await dtlsDriver('openssl');
const certificate = createCertificate(systemRandom, systemClock.wallTime());

/** On a port of its own, so that the server sees somebody new. */
function handshake(socket: Socket, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const session = new DtlsSession(driver, 'client', certificate, {
      send: (datagram) => socket.send(datagram, port, '127.0.0.1'),
      connected: () => {
        session.close();
        resolve();
      },
      failed: (reason, detail) => {
        session.close();
        reject(new Error(`${reason}: ${detail}`));
      },
    });
    socket.on('message', (datagram) => session.receive(datagram));
    socket.bind(0, '127.0.0.1', () => session.start());
  });
}

async function carryOut({ port, count }: Order): Promise<void> {
  for (let done = 0; done < count; done++) {
    const socket = createSocket({ type: 'udp4', lookup: (host, _options, found) => found(null, host, 4) });
    try {
      await handshake(socket, port);
    } finally {
      socket.close();
    }
  }
}

process.on('message', (order: Order) => {
  carryOut(order).then(
    () => process.send?.(null),
    (error: unknown) => process.send?.(errorText(error)),
  );
});
