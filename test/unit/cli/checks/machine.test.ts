import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { checkMachine, checkOpenFiles } from '../../../../src/cli/checks/machine.ts';
import type { Config } from '../../../../src/config/schema.ts';
import { FakeEnvironment } from '../fake-environment.ts';
import { levels, local } from './local-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
});

describe('the machine', () => {
  test('open files', () => {
    const config = local({ limits: { connections: 1000, calls: 100 } });
    expect(checkOpenFiles(config, undefined)).toEqual([]);
    expect(checkOpenFiles(config, 1300)[0]?.level).toBe('ok');
    expect(checkOpenFiles(config, 1299)[0]?.level).toBe('warning');
  });

  const tell = async (config: Config) => levels(await checkMachine(config, environment)).filter((text) => !text.includes('open files'));

  test('the drivers, and why they serve', async () => {
    const config = local();
    expect(await tell(config)).toEqual([
      'ok UDP: mmsg (asked for auto)',
      'ok DTLS: openssl (asked for auto)',
      'ok SRTP: evp (asked for auto)',
    ]);
    environment.drivers = { udp: 'dgram', dtls: 'werift', srtp: 'node' };
    expect(await tell(config)).toEqual([
      'warning UDP: dgram, which costs several times the time of mmsg (asked for auto)',
      'warning DTLS: werift, which costs several times the time of openssl (asked for auto)',
      'warning SRTP: node, which costs several times the time of evp (asked for auto)',
    ]);
    environment.drivers = { udp: 'none', dtls: 'none', srtp: 'none' };
    expect(await tell(config)).toEqual([
      'problem UDP: auto cannot be used: no library',
      'problem DTLS: auto cannot be used: no library',
      'problem SRTP: auto cannot be used: no library',
    ]);
  });

  test('the drivers that were asked for', async () => {
    environment.drivers = { udp: 'dgram', dtls: 'werift', srtp: 'node' };
    expect(await tell(local({ media: { driver: 'dgram', dtls: 'werift', srtp: 'node' } }))).toEqual([
      'ok UDP: dgram (asked for dgram)',
      'ok DTLS: werift (asked for werift)',
      'ok SRTP: node (asked for node)',
    ]);
    expect((await tell(local({ media: { workers: 0 } })))[0]).toContain('ok UDP: dgram (media.workers is 0');
  });

  test('pages', async () => {
    const config = local({ web: { softphone: true } });
    expect(await tell(config)).toContain('problem web.softphone: there are no pages in /nowhere');
    environment.pages = folder;
    expect(await tell(config)).toContain('ok web.softphone: the pages are built');
  });
});
