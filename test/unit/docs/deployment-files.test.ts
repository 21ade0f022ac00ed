/** The systemd unit and the Dockerfile: what they name exists, and systemd finds nothing wrong. */

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const unit = join(root, 'config', 'offhook.service');

/** What a program says, or null where it is not installed. */
function ask(program: string, ...args: string[]): string | null {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, SYSTEMD_COLORS: '0' } });
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOENT') return null;
    throw error;
  }
}

describe('the systemd unit', () => {
  const text = readFileSync(unit, 'utf8');

  test('is told when offhook is ready, reloads by SIGHUP, and runs as nobody in particular', () => {
    for (const line of ['Type=notify', 'ExecReload=/bin/kill -HUP $MAINPID', 'DynamicUser=yes', 'LimitNOFILE=65536', 'NoNewPrivileges=yes'])
      expect(text.split('\n')).toContain(line);
  });

  test('pleases systemd, where it is installed', () => {
    expect(ask('systemd-analyze', 'verify', unit) ?? '').toBe('');
    const judgement = ask('systemd-analyze', 'security', '--offline=yes', '--no-pager', unit);
    if (judgement !== null) expect(Number(/exposure level for offhook.service: ([0-9.]+)/.exec(judgement)?.[1])).toBeLessThan(2);
  });
});

describe('the image', () => {
  const lines = readFileSync(join(root, 'Dockerfile'), 'utf8').split('\n');
  const admitted = readFileSync(join(root, '.dockerignore'), 'utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));

  test('is built from what exists, and from all that the build reads', () => {
    expect(admitted.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    for (const needed of ['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json', 'vite.config.ts', 'src', 'config'])
      expect(admitted).toContain(needed);
  });

  test('runs as an ordinary user and can be asked for its health', () => {
    expect(lines).toContain('USER node');
    expect(lines.some((line) => line.startsWith('HEALTHCHECK'))).toBe(true);
  });
});
