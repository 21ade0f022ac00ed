/** SRTP: one PCMU packet of 20 ms protected and unprotected, by our drivers, by werift, and by node:crypto used plainly. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { measureCpu, type Operation, roundOptions } from './cpu-rounds.ts';
import { offhookOperations } from './srtp-offhook.ts';
import { maxPackets } from './srtp-packets.ts';
import { plainCryptoOperations, weriftOperations } from './srtp-peers.ts';

export async function benchSrtp({ short, rounds }: BenchOptions): Promise<Findings> {
  const options = { ...roundOptions(short, rounds), maxCount: maxPackets };
  const operations: Operation[] = [...(await offhookOperations()), ...weriftOperations(), ...plainCryptoOperations()];
  return {
    settings: { payloadBytes: 160, ...options },
    baselines: ['werift'],
    best: 'lowest',
    series: measureCpu(bySuite(operations), 'CPU per packet', options),
    notes: [],
    failures: [],
  };
}

function bySuite(operations: readonly Operation[]): Operation[] {
  const scenarios = [...new Set(operations.map((operation) => operation.scenario))];
  return scenarios.flatMap((scenario) => operations.filter((operation) => operation.scenario === scenario));
}
