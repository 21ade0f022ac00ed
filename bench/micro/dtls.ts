/** DTLS: the CPU time of a server for one handshake with mutual certificates. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { cpuTimeUs } from '../processes/cost.ts';
import { requireAll } from '../processes/programs.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { busyClient, commandLineClients, type DtlsClients } from './dtls-clients.ts';
import { type DtlsServer, opensslServer, ourServer, writeIdentity } from './dtls-servers.ts';

const metric = 'server CPU';
/** For a server that serves one client after another and takes its time between them. */
const mostSequential = 20;

export async function benchDtls({ short, rounds }: BenchOptions): Promise<Findings> {
  requireAll({ programs: ['openssl'] });
  const table = new SeriesTable();
  const busy = short ? { handshakes: 2, warmup: 1 } : { handshakes: 500, warmup: 1000 };
  const occasional = short ? busy : { handshakes: 100, warmup: 200 };
  await withWorkFolder(async (folder) => {
    const identity = writeIdentity(folder);
    const servers: DtlsServer[] = [];
    const kinds = [busyClient(busy), commandLineClients(occasional, identity)];
    try {
      for (const start of [ourServer('openssl'), ourServer('werift'), opensslServer]) servers.push(await start(folder, identity));
      for (const clients of kinds) await measureAll(servers, clients, rounds, table);
    } finally {
      for (const clients of kinds) clients.stop();
      for (const server of servers) await server.stop();
    }
  });
  return {
    settings: {
      rounds,
      ...busy,
      handshakesNowAndThen: occasional.handshakes,
      warmupNowAndThen: occasional.warmup,
    },
    baselines: ['openssl s_server'],
    best: 'lowest',
    series: table.all(),
    notes: ['openssl s_server prints what it negotiates and keeps half a second after each client: it is there for comparison only.'],
    failures: [],
  };
}

async function measureAll(servers: readonly DtlsServer[], clients: DtlsClients, rounds: number, table: SeriesTable): Promise<void> {
  const { counts } = clients;
  const served = servers.filter((server) => clients.serves(server));
  for (const server of served) await clients.run(server, server.warms ? counts.warmup : 1);
  for (let round = 0; round < rounds; round++) {
    for (const server of served) {
      const count = server.sequential ? Math.min(counts.handshakes, mostSequential) : counts.handshakes;
      const before = cpuTimeUs([server.pid]);
      await clients.run(server, count);
      const us = (cpuTimeUs([server.pid]) - before) / count;
      table.set({ subject: server.name, scenario: clients.scenario, metric }, 'ms', round, us / 1000);
    }
  }
}
