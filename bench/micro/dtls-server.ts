/** A process that does nothing but answer DTLS handshakes with one of our drivers, so that its CPU time is theirs. */

import { createSocket } from 'node:dgram';
import { Alarm, systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createCertificate } from '../../src/dtls/certificate.ts';
import { dtlsDriver } from '../../src/dtls/driver.ts';
import type { DtlsEndpoint } from '../../src/dtls/endpoint.ts';

const name = process.argv[2] === 'werift' ? 'werift' : 'openssl';
const { driver } = await dtlsDriver(name);
const certificate = createCertificate(systemRandom, systemClock.wallTime());
const socket = createSocket({ type: 'udp4', lookup: (host, _options, done) => done(null, host, 4) });
const sessions = new Map<number, { endpoint: DtlsEndpoint; alarm: Alarm }>();

/** A client may ask for the last flight again. */
const lingerMs = 1000;

/** One session for each client port. */
function open(port: number): { endpoint: DtlsEndpoint; alarm: Alarm } {
  const end = (): void => {
    sessions.delete(port);
    session.alarm.close();
    session.endpoint.close();
  };
  const endpoint = driver.create(
    { role: 'server', certificate, profiles: ['SRTP_AES128_CM_HMAC_SHA1_80'], mtu: 1200, now: systemClock.now },
    { send: (datagram) => socket.send(datagram, port, '127.0.0.1'), connected: () => void setTimeout(end, lingerMs), failed: end },
  );
  const alarm = new Alarm(systemClock, () => {
    endpoint.expire();
    alarm.arm(endpoint.deadline);
  });
  const session = { endpoint, alarm };
  sessions.set(port, session);
  return session;
}

socket.on('message', (datagram, { port }) => {
  const { endpoint, alarm } = sessions.get(port) ?? open(port);
  endpoint.receive(datagram);
  alarm.arm(endpoint.deadline);
});
socket.bind(0, '127.0.0.1', () => console.log(`listening ${socket.address().port}`));
