/** The peer gateway: Kamailio with rtpengine, as its own start.sh sets them up. */

import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { processTree } from '../processes/cost.ts';
import { freeTcpPort, freeUdpPort } from '../processes/free-port.ts';
import { type GatewayOptions, type StartGateway, trunkCredentials } from './gateway.ts';

const execute = promisify(execFile);

/** `folder` holds start.sh and stop.sh. */
export function startKamailio(folder: string): StartGateway {
  return async (options) => {
    const { network, work } = options;
    mkdirSync(work, { recursive: true });
    const port = await freeTcpPort(network.browserSide);
    const stop = async (): Promise<void> => {
      await execute('bash', [join(folder, 'stop.sh'), work]);
    };
    try {
      const env = { ...process.env, ...(await settings(options)), WS_PORT: String(port) };
      await execute('bash', [join(folder, 'start.sh'), work], { env });
    } catch (error) {
      await stop();
      throw error;
    }
    return { webSocketUrl: `ws://${network.browserSide}:${port}/`, pids: startedBy(work), stop };
  };
}

async function settings({ network, carrier }: GatewayOptions): Promise<NodeJS.ProcessEnv> {
  return {
    WS_IP: network.browserSide,
    WSS_PORT: String(await freeTcpPort(network.browserSide)),
    SIP_IP: network.trunkSide,
    SIP_PORT: String(await freeUdpPort(network.trunkSide)),
    TRUNK_IP: carrier.host,
    TRUNK_PORT: String(carrier.port),
    TRUNK_USER: trunkCredentials.username,
    TRUNK_PASSWORD: trunkCredentials.password,
    // Errors only: its log must not count against it.
    RTPENGINE_LOG: '3',
  };
}

/** start.sh writes `name pid` lines; Kamailio is a family of processes. */
function startedBy(work: string): number[] {
  const lines = readFileSync(join(work, 'pids'), 'utf8').trim().split('\n');
  return lines.flatMap((line) => processTree(Number(line.split(' ')[1])));
}
