/** The benchmarks in their short form: that they run and write what they should, never how fast anything is. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeptFindings } from '../../bench/findings.ts';
import { parseOptions } from '../../bench/options.ts';
import { inPackage } from '../../bench/package-root.ts';
import { isInstalled } from '../../bench/processes/programs.ts';
import { kamailioStack, offhook, offhookBatching } from '../../bench/subjects.ts';
import { describeWith } from '../support/needs.ts';

const execute = promisify(execFile);
const results = mkdtempSync(join(tmpdir(), 'bench-short-'));
const patienceMs = 240_000;

beforeAll(async () => {
  await execute(process.execPath, [inPackage('node_modules', 'typescript', 'bin', 'tsc'), '-p', inPackage('bench', 'tsconfig.json')]);
}, patienceMs);

afterAll(() => rmSync(results, { recursive: true, force: true }));

function bench(...args: string[]): Promise<{ stdout: string; stderr: string }> {
  return execute(process.execPath, [inPackage('dist-bench', 'bench', 'main.js'), ...args, '--short', '--results', results]);
}

/** Every figure of every subject, after a run without failures. */
async function figuresOf(name: string, ...args: string[]): Promise<Map<string, number | null>> {
  const { stdout } = await bench(name, ...args);
  expect(stdout).toContain(`written to ${results}`);
  const kept = JSON.parse(readFileSync(join(results, `${name}.json`), 'utf8')) as KeptFindings;
  expect(kept).toMatchObject({ benchmark: name, short: true, failures: [] });
  return new Map(kept.series.map(({ subject, scenario, metric, rounds }) => [`${subject}: ${metric}, ${scenario}`, rounds[0] ?? null]));
}

describe('benchmarks in process', () => {
  test.each([
    ['srtp', 'offhook, node: CPU per packet, unprotect, AES-128-GCM'],
    ['sip', 'offhook: CPU per message, parse and print'],
    ['sdp', 'offhook: CPU per description, rewrite an offer for the trunk'],
  ])('%s', async (name, figure) => {
    const figures = await figuresOf(name);
    expect(figures.get(figure)).toBeGreaterThan(0);
    expect([...figures.values()]).not.toContain(null);
  });
});

describeWith(['openssl'], 'benchmarks with the openssl command', () => {
  test('dtls', { timeout: patienceMs }, async () => {
    expect((await figuresOf('dtls')).get('offhook, OpenSSL driver: server CPU, handshake')).toBeGreaterThan(0);
  });
});

const { loadgen } = parseOptions([]).options;
const loadTools = ['gcc', 'rtpengine', 'kamailio'].filter((program) => !isInstalled(program));
const missing = loadgen === null ? ['OFFHOOK_LOADGEN', ...loadTools] : loadTools;

// The generator and the peers are no part of this package: where they are not, what is left to prove is that this is said.
if (missing.length === 0) {
  describe('benchmarks under load', { timeout: patienceMs }, () => {
    test.each([
      ['relay', `${offhookBatching}: CPU per packet, 4 calls`],
      ['memory', `${offhookBatching}: memory in all, 8 calls`],
      ['capacity', `${offhookBatching}: calls, one core`],
    ])('%s', async (name, figure) => {
      expect((await figuresOf(name, '--only', 'rtpengine', '--only', offhookBatching)).get(figure)).toBeGreaterThan(0);
    });

    test('setup', async () => {
      const figures = await figuresOf('setup');
      for (const subject of [offhook, kamailioStack]) expect(figures.get(`${subject}: CPU per call, complete call`)).toBeGreaterThan(0);
    });
  });
} else {
  test.each(['relay', 'capacity', 'setup', 'memory', 'churn'])('%s names what it needs and does not have', async (name) => {
    await expect(bench(name)).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('This benchmark needs:') });
  });
}

describe('what a benchmark is missing is said in plain words', () => {
  test('a load generator that is not there', async () => {
    const complaint = expect.stringContaining('--loadgen /nowhere: there is no loadgen.c in it');
    await expect(bench('relay', '--loadgen', '/nowhere')).rejects.toMatchObject({ code: 2, stderr: complaint });
  });

  test('a benchmark that does not exist', async () => {
    await expect(bench('speed')).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('npm run bench -- NAME') });
  });
});
