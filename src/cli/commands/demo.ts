/** `offhook demo`: a gateway, a small telephone network and a softphone page on this machine. Nothing to configure. */

import { formatAddress, type SocketAddress } from '../../base/address.ts';
import { systemRandom } from '../../base/random.ts';
import { parseConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { DemoNumber, Environment, SoftphoneSettings } from '../environment.ts';
import { UsageError } from '../plain-error.ts';
import { openGateway, serveUntilStopped } from '../serving.ts';

const loopback = '127.0.0.1';
const usualPort = 8080;
/** Ports tried after the usual one, when nobody asked for a certain one. */
const nextPorts = 20;

export async function demo(options: { readonly port?: number }, environment: Environment): Promise<number> {
  const port = await choosePort(options.port, environment);
  const carrier = await environment.createCarrier();
  try {
    // The page is told the password, so nobody needs to know it, and it is another one at each start.
    const softphone = { user: 'demo', password: systemRandom.token(20), domain: 'localhost', numbers: carrier.numbers };
    const gateway = await openGateway(demoConfig(port, carrier.local, softphone), environment, { loopback: true, softphone });
    environment.print(welcome(gateway.listeners.http, carrier.numbers));
    await serveUntilStopped(gateway, environment);
  } finally {
    await carrier.close();
  }
  return 0;
}

/** The port that was asked for, or none; without a wish the usual one or the next that is free. */
async function choosePort(wanted: number | undefined, environment: Environment): Promise<number> {
  const first = wanted ?? usualPort;
  const last = wanted ?? usualPort + nextPorts;
  for (let port = first; port <= last; port++) {
    if (!(await environment.isFree({ host: loopback, port }))) continue;
    if (port !== first) environment.complain(`Port ${first} is in use by another program: taking ${port}.`);
    return port;
  }
  throw new UsageError(`port ${first} is in use by another program; choose another: offhook demo --port ${last + 1}`);
}

/** Everything on this machine: SIP and RTP towards the carrier over loopback, free ports wherever a number does not matter. */
function demoConfig(port: number, carrier: SocketAddress, { user, password, domain }: SoftphoneSettings): Config {
  return parseConfig({
    domain,
    http: { listen: `${loopback}:${port}` },
    sip: { udp: `${loopback}:0`, tcp: null },
    media: { browser: { port: 0 }, trunk: { bind: loopback } },
    users: [{ name: user, password, callerId: '+15550100' }],
    trunks: [{ name: 'demo', target: `sip:${formatAddress(carrier)};transport=udp` }],
    routes: {
      outbound: [{ match: '^[0-9+*#]{1,15}$', trunk: 'demo' }],
      inbound: [{ match: '^(\\+15550100|demo)$', users: [user] }],
    },
    web: { softphone: true },
  });
}

function welcome(http: SocketAddress | null, numbers: readonly DemoNumber[]): string {
  const origin = `http://localhost:${http?.port ?? usualPort}`;
  const list = numbers.map(({ number, text }) => `      ${number.padEnd(6)} ${text}`);
  return `
  offhook demo: a WebRTC to SIP gateway with a small telephone network of its own

    Open   ${origin}/phone   and call

${list.join('\n')}

    Watch  ${origin}/        where each call shows its messages, its sound and what is wrong with it

  Ctrl+C ends it.

`;
}
