/** A process that does nothing but answer DTLS handshakes with one of our drivers, so that its CPU time is theirs. */

import { createSocket } from 'node:dgram';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createCertificate } from '../../src/dtls/certificate.ts';
import { dtlsDriver } from '../../src/dtls/driver.ts';
import { DtlsSession } from './dtls-session.ts';

const name = process.argv[2] === 'werift' ? 'werift' : 'openssl';
const { driver } = await dtlsDriver(name);
const certificate = createCertificate(systemRandom, systemClock.wallTime());
const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
const sessions = new Map<number, DtlsSession>();

/** A client may ask for the last flight again. */
const lingerMs = 1000;

/** One session for each client port. */
function open(port: number): DtlsSession {
  const end = (): void => {
    sessions.delete(port);
    session.close();
  };
  const session = new DtlsSession(driver, 'server', certificate, {
    send: (datagram) => socket.send(datagram, port, '127.0.0.1'),
    connected: () => void setTimeout(end, lingerMs),
    failed: end,
  });
  sessions.set(port, session);
  return session;
}

socket.on('message', (datagram, { port }) => (sessions.get(port) ?? open(port)).receive(datagram));
socket.bind(0, '127.0.0.1', () => console.log(`listening ${socket.address().port}`));
