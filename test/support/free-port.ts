/** Ports that were free a moment ago, for programs that must be told their port. */

import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';

export async function freeUdpPort(host = '127.0.0.1'): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(0, host, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

async function freeTcpPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, host, resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (typeof address !== 'object' || address === null) throw new Error('no TCP port');
  return address.port;
}

/** A port free for both, as SIP wants it. */
export async function freeSipPort(host = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const port = await freeTcpPort(host);
    const socket = createSocket('udp4');
    const free = await new Promise<boolean>((resolve) => socket.once('error', () => resolve(false)).bind(port, host, () => resolve(true)));
    await new Promise<void>((resolve) => (free ? socket.close(() => resolve()) : resolve()));
    if (free) return port;
  }
  throw new Error('no port free for UDP and TCP');
}
