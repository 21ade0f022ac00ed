/** The command line: `npm run bench -- NAME [options]`. */

import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { errorText } from '../src/base/errors.ts';
import { inPackage } from './package-root.ts';

export interface BenchOptions {
  /** For function only, on a machine that does other things: small, not pinned, not timed. */
  readonly short: boolean;
  readonly rounds: number;
  /** How many calls at once, each a scenario of its own. */
  readonly calls: readonly number[];
  /** Of media measured in each run. */
  readonly seconds: number;
  /** Of media before that. */
  readonly warmupSec: number;
  /** Folders of the load generator and of the peer gateway's configuration; null when not told. */
  readonly loadgen: string | null;
  readonly kamailio: string | null;
  /** Where the JSON goes. */
  readonly results: string;
  /** Subjects to measure; empty: all. */
  readonly only: readonly string[];
}

export const usage = `npm run bench -- NAME [options]

  relay      CPU per relayed packet, latency and loss against rtpengine and a C relay
  capacity   calls on one core
  churn      latency of packets while 20 calls a second come and go
  setup      CPU of complete call set-ups against Kamailio with rtpengine
  memory     resident memory per call against rtpengine
  srtp, dtls, sip, sdp    one layer, in process, against other libraries
  report     tables and charts of docs/performance.md from the JSON of all runs

  --rounds N          default 5
  --calls N,N,...     calls at once: relay, churn, memory, setup (calls of a round)
  --seconds N         media measured in each run, default 8; --warmup N before, default 5
  --only NAME         measure this subject only; may be repeated
  --loadgen DIR       folder of the load generator (or OFFHOOK_LOADGEN)
  --kamailio DIR      folder with the peer gateway's start.sh (or OFFHOOK_KAMAILIO; default: beside the load generator)
  --results DIR       default bench/results
  --short             for function only: small, not pinned, never to be quoted; JSON goes to dist-bench/results
`;

/** What was asked for does not exist or makes no sense. */
export class UsageError extends Error {}

/** Throws UsageError. */
export function parseOptions(args: readonly string[]): { name: string | undefined; options: BenchOptions } {
  const { values, positionals } = parse(args);
  const { short } = values;
  const loadgen = values.loadgen === '' ? null : values.loadgen;
  const options: BenchOptions = {
    short,
    rounds: positive('rounds', values.rounds ?? (short ? '1' : '5')),
    calls: (values.calls ?? '')
      .split(',')
      .filter(Boolean)
      .map((text) => positive('calls', text)),
    seconds: positive('seconds', values.seconds ?? (short ? '1' : '8')),
    warmupSec: positive('warmup', values.warmup ?? (short ? '1' : '5')),
    loadgen,
    kamailio: values.kamailio !== '' ? values.kamailio : loadgen && join(loadgen, '..', 'kamailio'),
    results: values.results ?? (short ? inPackage('dist-bench', 'results') : inPackage('bench', 'results')),
    only: values.only,
  };
  return { name: positionals[0], options };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        short: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        calls: { type: 'string' },
        seconds: { type: 'string' },
        warmup: { type: 'string' },
        loadgen: { type: 'string', default: process.env['OFFHOOK_LOADGEN'] ?? '' },
        kamailio: { type: 'string', default: process.env['OFFHOOK_KAMAILIO'] ?? '' },
        results: { type: 'string' },
        only: { type: 'string', multiple: true, default: [] },
      },
    });
  } catch (error) {
    throw new UsageError(`${errorText(error)}\n\n${usage}`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new UsageError(`--${name} ${text}: a whole number above 0 is needed`);
  return value;
}
