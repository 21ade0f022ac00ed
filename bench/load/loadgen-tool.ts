/** What the folder of the load generator offers, in the shape that its adapters/template.mjs documents. */

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** `util.mjs`: the peers that the generator plays, and how programs are pinned and prioritized. */
export interface LoadgenUtil {
  readonly B_PORT: number;
  readonly T_PORT: number;
  bAddr(call: number): string;
  tAddr(call: number): string;
  certFor(folder: string): { cert: string; key: string; fingerprint: string };
  /** The command line with real-time priority, where the machine grants it, and a core. */
  wrap(command: string, args: readonly string[], options: { cpu?: number | undefined; prio?: number }): [string, string[]];
}

export interface AdapterInput {
  readonly calls: number;
  readonly mode: 'sdes' | 'webrtc';
  readonly suite: string;
  readonly fingerprint: string;
  /** Folders for files of this run, and of the built programs. */
  readonly work: string;
  readonly bin: string;
  readonly cpu: number | undefined;
  readonly options: object;
}

/** A relay with its calls set up. */
export interface LoadedRelay {
  /** Every process whose CPU time counts. */
  readonly pids: readonly number[];
  readonly callsFile: string;
  stop(): Promise<void>;
}

/** `adapters/NAME.mjs` */
export interface LoadgenAdapter {
  start(input: AdapterInput): Promise<LoadedRelay>;
}

export async function loadUtil(folder: string): Promise<LoadgenUtil> {
  return (await import(pathToFileURL(join(folder, 'util.mjs')).href)) as LoadgenUtil;
}

export async function loadAdapter(folder: string, name: 'rtpengine' | 'floor'): Promise<LoadgenAdapter> {
  return (await import(pathToFileURL(join(folder, 'adapters', `${name}.mjs`)).href)) as LoadgenAdapter;
}

/** The part of the generator's report that is used here. Latencies in microseconds. */
export interface LoadReport {
  readonly calls: number;
  readonly ready: number;
  readonly loss_pct: number;
  readonly silent_streams: number;
  readonly dup: number;
  readonly auth_fail: number;
  readonly bad_payload: number;
  /** The generator's own socket overflowed. */
  readonly own_drops: number;
  /** Sent later than due. */
  readonly late_us: { readonly p50: number; readonly p99: number };
  readonly lat_us: { readonly p50: number; readonly p99: number };
  readonly us_per_pkt: number;
  readonly relay_cores: number;
  readonly relay_rss_kb: number;
  readonly hs: { readonly n: number; readonly ok: number; readonly per_s: number };
}
