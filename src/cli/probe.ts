/** Sockets opened for a moment, to see whether they can be. */

import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { isIpv6, type SocketAddress } from '../base/address.ts';

/** Rejects with the error of the system. */
export function tryTcp({ host, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen({ host, port }, () => server.close(() => resolve()));
  });
}

/** Rejects with the error of the system. */
export function tryUdp({ host, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createSocket(isIpv6(host) ? 'udp6' : 'udp4');
    socket.once('error', (error) => {
      socket.close();
      reject(error);
    });
    socket.bind(port, host, () => socket.close(() => resolve()));
  });
}

const connectMs = 3000;

/** A TCP connection that is closed at once. Rejects with the error of the system, with ETIMEDOUT when nobody answers. */
export function tryConnect({ host, port }: SocketAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: connectMs });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
  });
}
