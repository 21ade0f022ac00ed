/** `offhook start` with a configuration that lets a benchmark in. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatAddress, type SocketAddress } from '../../src/base/address.ts';
import { Daemon } from '../processes/daemon.ts';
import { freeTcpPort, freeUdpPort } from '../processes/free-port.ts';
import { gatewayProgram } from '../processes/programs.ts';
import { accounts, domain, type GatewayOptions, type StartGateway, trunkCredentials } from './gateway.ts';

export interface OffhookOptions {
  readonly batchUs: number | 'auto';
  /** Makes of the command one with core and priority; without it the gateway starts as anybody would start it. */
  wrap?(command: readonly [string, ...string[]]): readonly [string, ...string[]];
}

/** Above what any benchmark asks for. */
const limits = {
  messagesPerSec: 10_000,
  trunkMessagesPerSec: 100_000,
  connectionsPerAddress: 1000,
  calls: 10_000,
  callsPerUser: 10_000,
  callsPerAddress: 100_000,
};

export function startOffhook({ batchUs, wrap = (command) => command }: OffhookOptions): StartGateway {
  return async (options) => {
    const { network, work } = options;
    mkdirSync(work, { recursive: true });
    const http = { host: network.browserSide, port: await freeTcpPort(network.browserSide) };
    const file = join(work, 'offhook.yaml');
    // YAML is a superset of JSON.
    writeFileSync(file, JSON.stringify(await configuration(options, http, batchUs), null, 2));
    const command = wrap([process.execPath, gatewayProgram, 'start', '--config', file]);
    const daemon = await Daemon.start([...command], { log: join(work, 'offhook.log'), env: withoutSettings(process.env) });
    try {
      await daemon.until(() => isHealthy(`http://${formatAddress(http)}/healthz`));
    } catch (error) {
      await daemon.stop();
      throw error;
    }
    return { webSocketUrl: `ws://${formatAddress(http)}/sip`, pids: [daemon.pid], stop: () => daemon.stop() };
  };
}

async function configuration({ network, carrier }: GatewayOptions, http: SocketAddress, batchUs: number | 'auto'): Promise<object> {
  const { browserSide, trunkSide } = network;
  return {
    domain,
    http: { listen: formatAddress(http) },
    allowedOrigins: ['*'],
    sip: { udp: formatAddress({ host: trunkSide, port: await freeUdpPort(trunkSide) }), tcp: null },
    media: {
      browser: { bind: browserSide, port: await freeUdpPort(browserSide) },
      trunk: { bind: trunkSide, ports: [20_000, 29_999] },
      workers: 1,
      batchUs,
    },
    users: accounts.map(({ user, password }) => ({ name: user, password })),
    trunks: [{ name: 'carrier', target: `sip:${formatAddress(carrier)};transport=udp`, auth: trunkCredentials }],
    routes: { outbound: [{ match: '^\\+?[0-9]{3,15}$', trunk: 'carrier' }] },
    limits,
  };
}

/** OFFHOOK_* variables configure the gateway, and some configure the benchmark. */
function withoutSettings(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('OFFHOOK_')));
}

async function isHealthy(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
