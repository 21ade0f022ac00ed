/** `npm run bench -- NAME`: runs one benchmark, prints its tables and keeps its JSON. Exit code 1: failures; 2: something is missing. */

import { type BenchmarkName, type Findings, keepFindings } from './findings.ts';
import { assess, goals, goalTable } from './goals.ts';
import { describeMachine } from './machine.ts';
import { type BenchOptions, parseOptions, UsageError, usage } from './options.ts';
import { MissingError } from './processes/missing-error.ts';
import { printText, tablesOf } from './table.ts';

type Benchmark = (options: BenchOptions) => Promise<Findings>;

/** Loaded when asked for: the peers of one are none of the others' business. */
const benchmarks: Readonly<Record<BenchmarkName, () => Promise<Benchmark>>> = {
  relay: async () => (await import('./load/relay.ts')).benchRelay,
  capacity: async () => (await import('./load/capacity.ts')).benchCapacity,
  setup: async () => (await import('./load/setup.ts')).benchSetup,
  churn: async () => (await import('./load/churn.ts')).benchChurn,
  memory: async () => (await import('./load/memory.ts')).benchMemory,
  srtp: async () => (await import('./micro/srtp.ts')).benchSrtp,
  dtls: async () => (await import('./micro/dtls.ts')).benchDtls,
  sip: async () => (await import('./micro/sip.ts')).benchSip,
  sdp: async () => (await import('./micro/sdp.ts')).benchSdp,
};

async function run(name: BenchmarkName, options: BenchOptions): Promise<number> {
  const benchmark = await benchmarks[name]();
  const findings = await benchmark(options);
  for (const table of tablesOf(findings)) console.log(printText(table));
  const own = goals.filter((goal) => goal.benchmark === name);
  if (own.length > 0 && !options.short) console.log(printText(goalTable(own.map((goal) => assess(goal, findings)))));
  for (const note of findings.notes) console.log(note);
  for (const failure of findings.failures) console.error(`FAILED: ${failure}`);
  const path = keepFindings(options.results, { benchmark: name, machine: describeMachine(), short: options.short, ...findings });
  console.log(`written to ${path}`);
  return findings.failures.length > 0 ? 1 : 0;
}

async function main(args: readonly string[]): Promise<number> {
  const { name, options } = parseOptions(args);
  if (name === 'report') return (await import('./report/report.ts')).report(options);
  if (name !== undefined && isBenchmark(name)) return run(name, options);
  console.error(usage);
  return 2;
}

function isBenchmark(name: string): name is BenchmarkName {
  return Object.hasOwn(benchmarks, name);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof MissingError || error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
