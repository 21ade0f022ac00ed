/** What a benchmark hands over, and how it is kept: one JSON file for each, from which tables and charts are made. */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Machine } from './machine.ts';
import type { Series } from './series.ts';

export const benchmarkNames = ['relay', 'capacity', 'churn', 'setup', 'memory', 'srtp', 'dtls', 'sip', 'sdp'] as const;

export type BenchmarkName = (typeof benchmarkNames)[number];

export interface Findings {
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** The subjects against which the others are set; of several the best counts. */
  readonly baselines: readonly string[];
  /** What `best` means for the baselines: cost is better when low, capacity when high. */
  readonly best: 'lowest' | 'highest';
  readonly series: readonly Series[];
  /** What a reader of the figures must know: void rounds, limits that were met. */
  readonly notes: readonly string[];
  /** What went wrong. A run with failures proves nothing. */
  readonly failures: readonly string[];
}

export interface KeptFindings extends Findings {
  readonly benchmark: BenchmarkName;
  readonly machine: Machine;
  readonly short: boolean;
}

export function keepFindings(folder: string, findings: KeptFindings): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${findings.benchmark}.json`);
  writeFileSync(path, `${JSON.stringify(findings, null, 2)}\n`);
  return path;
}

/** undefined when that benchmark has not been run into this folder. */
export function readFindings(folder: string, benchmark: BenchmarkName): KeptFindings | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, `${benchmark}.json`), 'utf8')) as KeptFindings;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
