/** Who makes the handshakes with the servers that are measured. */

import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Order } from './dtls-client.ts';
import type { DtlsServer, Identity } from './dtls-servers.ts';

export interface Counts {
  readonly handshakes: number;
  readonly warmup: number;
}

export interface DtlsClients {
  /** How the handshakes come. */
  readonly scenario: string;
  /** How many a round has, and how many a server that gets faster has before. */
  readonly counts: Counts;
  serves(server: DtlsServer): boolean;
  /** Rejects unless every handshake ended well, with an SRTP profile. */
  run(server: DtlsServer, count: number): Promise<void>;
  stop(): void;
}

/** Our own client, which begins the next handshake as soon as it has ended one. */
export function busyClient(counts: Counts): DtlsClients {
  const client = fork(fileURLToPath(new URL('./dtls-client.js', import.meta.url)));
  const ended = once(client, 'exit').then(() => ['the client ended']);
  return {
    scenario: 'handshake',
    counts,
    serves: ({ sequential }) => !sequential,
    async run({ port }, count) {
      const order: Order = { port, count };
      client.send(order);
      const [failure] = await Promise.race([once(client, 'message'), ended]);
      if (failure !== null) throw new Error(`a handshake failed: ${failure}`);
    },
    stop: () => void client.kill(),
  };
}

/** Each stays for half a second after its handshake. */
const commandsAtOnce = 10;

/** OpenSSL's command line, started anew for each handshake: fifteen of them a second. */
export function commandLineClients(counts: Counts, identity: Identity): DtlsClients {
  return {
    scenario: 'handshake, now and then',
    counts,
    serves: () => true,
    async run(server, count) {
      let left = count;
      const client = async (): Promise<void> => {
        while (left-- > 0) await commandLineHandshake(server.port, identity);
      };
      await Promise.all(Array.from({ length: server.sequential ? 1 : commandsAtOnce }, client));
    },
    stop: () => {},
  };
}

async function commandLineHandshake(port: number, { cert, key }: Identity): Promise<void> {
  const args = ['s_client', '-dtls1_2', '-connect', `127.0.0.1:${port}`, '-cert', cert, '-key', key];
  const client = spawn('openssl', [...args, '-use_srtp', 'SRTP_AES128_CM_SHA1_80'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let printed = '';
  for (const stream of [client.stdout, client.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
    });
  }
  const [code] = await once(client, 'close');
  if (code !== 0 || !printed.includes('SRTP Extension negotiated')) throw new Error(`the handshake failed:\n${printed.slice(-2000)}`);
}
