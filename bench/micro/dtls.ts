/** DTLS: the CPU time of a server for one handshake with mutual certificates, OpenSSL's command line being the client of all. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { cpuTimeUs } from '../processes/cost.ts';
import { requireAll } from '../processes/programs.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { type DtlsServer, type Identity, opensslServer, ourServer, writeIdentity } from './dtls-servers.ts';

/** Each stays for half a second after its handshake. */
const clientsAtOnce = 10;

const cell = { scenario: 'handshake', metric: 'server CPU' };

export async function benchDtls({ short, rounds }: BenchOptions): Promise<Findings> {
  requireAll({ programs: ['openssl'] });
  const handshakes = short ? 2 : 100;
  const warmup = short ? 1 : 200;
  const table = new SeriesTable();
  await withWorkFolder(async (folder) => {
    const identity = writeIdentity(folder);
    const servers: DtlsServer[] = [];
    try {
      for (const start of [ourServer('openssl'), ourServer('werift'), opensslServer]) servers.push(await start(folder, identity));
      for (const server of servers) await measure(server, identity, server.warms ? warmup : 1);
      for (let round = 0; round < rounds; round++) {
        for (const server of servers) {
          const us = await measure(server, identity, server.sequential ? Math.min(handshakes, 20) : handshakes);
          table.set({ subject: server.name, ...cell }, 'ms', round, us / 1000);
        }
      }
    } finally {
      for (const server of servers) await server.stop();
    }
  });
  return {
    settings: { rounds, handshakes, warmup },
    baselines: ['openssl s_server'],
    best: 'lowest',
    series: table.all(),
    notes: ['openssl s_server prints what it negotiates and keeps half a second after each client: it is there for comparison only.'],
    failures: [],
  };
}

/** CPU time of the server for each of `count` handshakes. */
async function measure(server: DtlsServer, identity: Identity, count: number): Promise<number> {
  const before = cpuTimeUs([server.pid]);
  let left = count;
  const client = async (): Promise<void> => {
    while (left-- > 0) await handshake(server.port, identity);
  };
  await Promise.all(Array.from({ length: server.sequential ? 1 : clientsAtOnce }, client));
  return (cpuTimeUs([server.pid]) - before) / count;
}

/** Rejects unless the client came through with an SRTP profile. */
async function handshake(port: number, { cert, key }: Identity): Promise<void> {
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
