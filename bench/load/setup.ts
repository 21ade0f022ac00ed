/** Complete calls: INVITE over WebSocket to ACK on both legs, ICE, DTLS, BYE; CPU time of every process of the gateway. */

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../src/base/errors.ts';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { cpuTimeUs } from '../processes/cost.ts';
import { requireAll } from '../processes/programs.ts';
import { withWorkFolder } from '../processes/work-folder.ts';
import { SeriesTable } from '../series.ts';
import { kamailioStack, offhook } from '../subjects.ts';
import { CallSetup } from './call-setup.ts';
import { type Network, networks, type StartGateway } from './gateway.ts';
import { startKamailio } from './kamailio.ts';
import { Loadgen } from './loadgen.ts';
import { startOffhook } from './offhook.ts';

const parallelHandshakes = 8;
/** What a gateway does after a call belongs to the call. */
const settleMs = 1000;
const scenario = 'complete call';
const wholeCost = 'CPU per call';
/** Of a process that has just started. */
const coldCost = 'CPU per call, its first calls';

interface Subject {
  readonly name: string;
  readonly network: Network;
  readonly start: StartGateway;
  /** Batches before the first round: code that gets faster as it is used needs some. */
  readonly warmups: number;
}

interface Running extends Subject {
  readonly calls: CallSetup;
}

export async function benchSetup(options: BenchOptions): Promise<Findings> {
  const { short, rounds } = options;
  requireAll({ programs: ['gcc', 'openssl', 'kamailio', 'rtpengine'], gateway: true, folders: foldersOf(options) });
  const callsPerRound = options.calls[0] ?? (short ? 4 : 100);
  const table = new SeriesTable();
  const failures: string[] = [];
  await withWorkFolder(async (work) => {
    const generator = await Loadgen.build(options, work);
    const running: Running[] = [];
    try {
      for (const subject of subjectsOf(options)) {
        const calls = await CallSetup.open(subject.start, subject.network, generator, join(work, subject.network.browserSide));
        running.push({ ...subject, calls });
        for (let batch = 0; batch < subject.warmups; batch++) {
          const costs = await completeCalls(calls, generator, callsPerRound);
          if (batch === 0) table.set({ subject: subject.name, scenario, metric: coldCost }, 'ms', 0, costs.get(wholeCost) ?? null);
        }
      }
      for (let round = 0; round < rounds; round++) {
        for (const { name, calls } of running) {
          const costs = await completeCalls(calls, generator, callsPerRound);
          for (const [metric, ms] of costs) table.set({ subject: name, scenario, metric }, 'ms', round, ms);
        }
      }
    } catch (error) {
      // A failed call is a failed run: who drops calls has cheap ones.
      failures.push(errorText(error));
    } finally {
      for (const { calls } of running) await calls.close();
    }
  });
  return {
    settings: { rounds, callsPerRound },
    baselines: [kamailioStack],
    best: 'lowest',
    series: table.all(),
    notes: [],
    failures,
  };
}

function foldersOf({ loadgen, kamailio: peer }: BenchOptions): { option: string; path: string | null; file: string }[] {
  return [
    { option: 'loadgen', path: loadgen, file: 'loadgen.c' },
    { option: 'kamailio', path: peer, file: 'start.sh' },
  ];
}

function subjectsOf({ kamailio: folder, short, only }: BenchOptions): Subject[] {
  const subjects: Subject[] = [
    { name: offhook, network: networks.own, start: startOffhook({ batchUs: 'auto' }), warmups: short ? 0 : 50 },
    { name: kamailioStack, network: networks.peer, start: startKamailio(folder ?? ''), warmups: short ? 0 : 1 },
  ];
  return subjects.filter(({ name }) => only.length === 0 || only.includes(name));
}

/** CPU milliseconds of the gateway for each of `count` calls, and of which part. */
async function completeCalls(calls: CallSetup, generator: Loadgen, count: number): Promise<Map<string, number>> {
  const marks = [cpuTimeUs(calls.pids)];
  const mark = (): number => marks.push(cpuTimeUs(calls.pids));
  const batch = await calls.begin(count);
  mark();
  await generator.handshakes({ pids: calls.pids, callsFile: batch.callsFile }, parallelHandshakes);
  mark();
  await batch.hangUp();
  await sleep(settleMs);
  mark();
  const [begin = 0, established = 0, connected = 0, ended = 0] = marks.map((us) => us / 1000 / count);
  return new Map([
    [wholeCost, ended - begin],
    ['of it INVITE to ACK', established - begin],
    ['of it ICE and DTLS', connected - established],
    ['of it BYE and what follows', ended - connected],
  ]);
}
