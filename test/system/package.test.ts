/** What is published can be installed and run elsewhere: in an empty folder, without this repository. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { Child } from '../support/child.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'offhook-package-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function npm(...args: string[]): string {
  return execFileSync('npm', [...args, '--loglevel=error'], { cwd: folder, encoding: 'utf8', timeout: 150_000 });
}

test('the package installs in an empty folder and runs the demo there', { timeout: 200_000 }, async () => {
  npm('pack', root, '--pack-destination', folder, '--ignore-scripts');
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  npm('init', '--yes');
  npm('install', join(folder, tarball), '--prefer-offline', '--no-audit', '--no-fund');

  const offhook = join(folder, 'node_modules', '.bin', 'offhook');
  expect(execFileSync(offhook, ['--version'], { cwd: folder, encoding: 'utf8' }).trim()).toMatch(/^\d+\.\d+\.\d+$/);
  const demo = new Child(offhook, ['demo', '--port', '0'], { cwd: folder });
  try {
    const url = await until('the demo', () => /http:\/\/localhost:\d+/.exec(demo.output)?.[0] ?? (demo.running ? undefined : 'ended'));
    expect(url, demo.output).toMatch(/^http/);
    const health = await fetch(`${url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ready' }]);
    const page = await fetch(`${url}/phone`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const [script = ''] = /\/assets\/[^"]+\.js/.exec(await page.text()) ?? [];
    expect((await fetch(`${url}${script}`)).status).toBe(200);
  } finally {
    expect(await demo.stop(), demo.output).toEqual({ code: 0, signal: null });
  }
});

test('the package holds what runs and what is read, and no tests', () => {
  const [listing] = JSON.parse(npm('pack', root, '--dry-run', '--json', '--ignore-scripts')) as { files: { path: string }[] }[];
  const paths = listing?.files.map(({ path }) => path) ?? [];
  for (const wanted of [
    'dist/main.js',
    'dist/index.d.ts',
    'dist/relay/worker.js',
    'dist/web/phone/index.html',
    'dist/phone/offhook-phone.js',
    'dist/phone/offhook-phone.d.ts',
    'config/default.yaml',
    'config/offhook.service',
    'config/grafana/offhook.json',
    'config/prometheus/alerts.yaml',
    'docs/configuration.md',
    'README.md',
  ])
    expect(paths).toContain(wanted);
  expect(paths.filter((path) => /^(test|bench|src|sdp-fixtures|\.ci)\//.test(path))).toEqual([]);
});
