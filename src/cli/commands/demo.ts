/** `offhook demo`: a gateway, a small telephone network and a softphone page on this machine. Nothing to configure. */

import { formatAddress, type SocketAddress } from '../../base/address.ts';
import { systemRandom } from '../../base/random.ts';
import { parseConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { Environment, RunningGateway, SoftphoneSettings } from '../environment.ts';
import { codeOf } from '../plain-error.ts';
import { serveUntilStopped } from '../serving.ts';

const usualPort = 8080;
/** Ports tried after the usual one, when nobody asked for a certain one. */
const nextPorts = 20;

/** What the built-in carrier answers. */
const numbers = [
  { number: '600', text: 'echo: what you say comes back' },
  { number: '1004', text: 'a milliwatt tone, 1004 Hz' },
  { number: '486', text: 'early media, then busy' },
  { number: '880', text: 'hang up, and it calls you back' },
];

export async function demo(options: { readonly port?: number }, environment: Environment): Promise<number> {
  const carrier = await environment.createCarrier();
  try {
    const gateway = await openGateway(options.port, carrier.local, environment);
    environment.print(welcome(gateway.listeners.http));
    await serveUntilStopped(gateway, environment);
  } finally {
    await carrier.close();
  }
  return 0;
}

async function openGateway(wanted: number | undefined, carrier: SocketAddress, environment: Environment): Promise<RunningGateway> {
  // The page is told the password, so nobody needs to know it, and it is another one at each start.
  const softphone: SoftphoneSettings = { user: 'demo', password: systemRandom.token(20), domain: 'localhost', numbers };
  const first = wanted ?? usualPort;
  const last = wanted ?? usualPort + nextPorts;
  for (let port = first; ; port++) {
    try {
      return await environment.createGateway(demoConfig(port, carrier, softphone), { loopback: true, softphone });
    } catch (error) {
      if (codeOf(error) !== 'EADDRINUSE') throw error;
      if (port === last) throw portTaken(port);
      if (port === first) environment.complain(`Port ${port} is in use by another program: taking the next free one.`);
    }
  }
}

function portTaken(port: number): Error {
  return Object.assign(new Error(`port ${port} is in use by another program; choose another: offhook demo --port ${port + 1}`), {
    code: 'PORT',
  });
}

/** Everything on this machine: SIP and RTP towards the carrier over loopback, free ports wherever a number does not matter. */
export function demoConfig(port: number, carrier: SocketAddress, { user, password, domain }: SoftphoneSettings): Config {
  return parseConfig({
    domain,
    http: { listen: `127.0.0.1:${port}` },
    sip: { udp: '127.0.0.1:0', tcp: null },
    media: { browser: { port: 0 }, trunk: { bind: '127.0.0.1' } },
    users: [{ name: user, password, callerId: '+15550100' }],
    trunks: [{ name: 'demo', target: `sip:${formatAddress(carrier)};transport=udp` }],
    routes: {
      outbound: [{ match: '^[0-9+*#]{1,15}$', trunk: 'demo' }],
      inbound: [{ match: '^(\\+15550100|demo)$', users: [user] }],
    },
    web: { softphone: true },
  });
}

function welcome(http: SocketAddress | null): string {
  const list = numbers.map(({ number, text }) => `      ${number.padEnd(6)} ${text}`);
  return `
  offhook demo: a WebRTC to SIP gateway with a small telephone network of its own

    Open   http://localhost:${http?.port ?? usualPort}/phone   and call

${list.join('\n')}

  Ctrl+C ends it.

`;
}
