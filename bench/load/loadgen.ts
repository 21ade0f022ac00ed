/** The load generator: built once, then run against relays that have their calls set up. */

import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SocketAddress } from '../../src/base/address.ts';
import { invariant } from '../../src/base/errors.ts';
import type { BenchOptions } from '../options.ts';
import { type LoadedRelay, type LoadgenUtil, type LoadReport, loadUtil } from './loadgen-tool.ts';

const execute = promisify(execFile);

/** The profile that every subject negotiates, so that all do the same work. */
const srtpProfile = 'SRTP_AES128_CM_SHA1_80';

/** Relays on one core, the generator on the other: neither takes the other's time. */
const relayCore = 0;
const generatorCore = 1;

/** Calls from this number on are played by a second generator beside the first, on ports of its own. */
export const secondPlayer = 20_000;

/** Of each call in each direction: one packet holds 20 ms. */
const packetsPerSecond = 50;

/** How finely the generator works. */
export interface Pace {
  /** What is due within one tick leaves together. */
  readonly tickUs: number;
  /** Datagrams that it takes or sends in one go. */
  readonly batch: number;
}

/**
 * For what is timed. A relay that batches hands over all that gathered in a millisecond: taken in large parts, that would keep the
 * generator from sending in time.
 */
export const finePace: Pace = { tickUs: 100, batch: 4 };
/** For what is not: cheaper for all. */
export const coarsePace: Pace = { tickUs: 1000, batch: 16 };

/** The calls, and whose cost is measured. */
export type Load = Omit<LoadedRelay, 'stop'>;

export interface MediaRun extends Pace {
  readonly seconds: number;
  readonly warmupSec: number;
}

export class Loadgen {
  readonly folder: string;
  readonly bin: string;
  readonly certificate: { readonly cert: string; readonly key: string; readonly fingerprint: string };
  readonly #util: LoadgenUtil;
  readonly #pinned: boolean;

  private constructor(folder: string, bin: string, util: LoadgenUtil, pinned: boolean) {
    this.folder = folder;
    this.bin = bin;
    this.certificate = util.certFor(bin);
    this.#util = util;
    this.#pinned = pinned;
  }

  /** Builds the generator into `work`. Rejects with the compiler's words. */
  static async build({ loadgen, short }: BenchOptions, work: string): Promise<Loadgen> {
    invariant(loadgen !== null, 'the folder of the load generator was asked for before');
    const bin = join(work, 'loadgen');
    mkdirSync(bin, { recursive: true });
    await execute('sh', [join(loadgen, 'build.sh'), bin]);
    // Read by util.mjs as it loads: a short run must not take the machine from others.
    if (short) process.env['LG_RT'] = '0';
    return new Loadgen(loadgen, bin, await loadUtil(loadgen), !short);
  }

  get relayCore(): number | undefined {
    return this.#pinned ? relayCore : undefined;
  }

  /**
   * The command of a Node relay with its core and priority. Its threads take turns (SCHED_RR): first come, first served (SCHED_FIFO,
   * which programs in C get) makes V8's garbage collector wait for its own helpers without letting them run.
   */
  wrapRelay(command: readonly [string, ...string[]]): [string, ...string[]] {
    const [program, ...args] = command;
    const [wrapped, rest] = this.#util.wrap(program, args, { cpu: this.relayCore });
    return wrapped === 'chrt' ? [wrapped, '--rr', ...rest.slice(1)] : [wrapped, ...rest];
  }

  /** Puts a thread ahead of the others of its process, where the machine grants it. */
  async putAhead(thread: number): Promise<void> {
    const [prioritized] = this.#util.wrap('true', [], {});
    if (prioritized === 'chrt') await execute('chrt', ['--rr', '--pid', '2', String(thread)]);
  }

  browserAddress(call: number): SocketAddress {
    return { host: this.#util.bAddr(call), port: this.#util.B_PORT + playerShift(call) };
  }

  trunkAddress(call: number): SocketAddress {
    return { host: this.#util.tAddr(call), port: this.#util.T_PORT + playerShift(call) };
  }

  /** Handshakes where the calls file says so, then media. */
  run(load: Load, { seconds, warmupSec, tickUs, batch }: MediaRun): Promise<LoadReport> {
    const length = ['--seconds', String(seconds), '--warmup', String(warmupSec)];
    const timing = [...length, '--pps', String(packetsPerSecond), '--tick-us', String(tickUs), '--batch', String(batch)];
    const cpu = this.#pinned ? generatorCore : undefined;
    const [command, args] = this.#util.wrap(this.#program, [...this.#arguments(load), ...timing], { cpu, prio: 2 });
    return reportOf(command, args);
  }

  /** ICE and DTLS of every call, and no media. On any core, without real-time priority: nothing is timed. */
  async handshakes(load: Load, parallel: number): Promise<void> {
    const { hs } = await reportOf(this.#program, [...this.#arguments(load), '--handshake-only', '--hs-parallel', String(parallel)]);
    if (hs.ok !== hs.n) throw new Error(`${hs.n - hs.ok} of ${hs.n} handshakes failed`);
  }

  get #program(): string {
    return join(this.bin, 'loadgen');
  }

  #arguments({ pids, callsFile }: Load): string[] {
    const { cert, key } = this.certificate;
    return ['--calls', callsFile, '--cert', cert, '--key', key, ...pids.flatMap((pid) => ['--pid', String(pid)])];
  }
}

function playerShift(call: number): number {
  return call < secondPlayer ? 0 : 100;
}

/** What it prints is its report also when it ends with a code that says that calls failed. */
async function reportOf(command: string, args: readonly string[]): Promise<LoadReport> {
  const env = { ...process.env, LG_SRTP_PROFILES: srtpProfile };
  try {
    return JSON.parse((await execute(command, [...args], { env, maxBuffer: 2 ** 24 })).stdout) as LoadReport;
  } catch (error) {
    const printed = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    if (!printed.startsWith('{')) throw error;
    return JSON.parse(printed) as LoadReport;
  }
}
