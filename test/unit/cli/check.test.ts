import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { FakeEnvironment } from './fake-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
});

describe('the command', () => {
  const good = `
http: { listen: "127.0.0.1:0" }
sip: { udp: "127.0.0.1:0", tcp: "127.0.0.1:0" }
media: { browser: { bind: "127.0.0.1", port: 0 }, trunk: { bind: "127.0.0.1", ports: [46300, 46399] }, workers: 0 }
users: [{ name: alice, password: "a long one" }]
trunks: [{ name: carrier, target: "sip:192.0.2.7" }]
routes: { outbound: [{ match: ".", trunk: carrier }], inbound: [{ match: ".", users: [alice] }] }
`;

  test('prints every finding and counts', async () => {
    const path = join(folder, 'good.yaml');
    writeFileSync(path, good);
    expect(await runCommandLine(['check', '--config', path], environment)).toBe(0);
    expect(environment.printed).toContain(`ok       ${path} can be used\n`);
    expect(environment.printed).toMatch(/\n0 problems, \d+ warnings?\n$/);
    expect(environment.printed).not.toContain('a long one');
  });

  test('ends with 1 when there is a problem', async () => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, good.replace('sip:192.0.2.7', 'sip:nowhere.example'));
    expect(await runCommandLine(['check', '--config', path], environment)).toBe(1);
    expect(environment.printed).toMatch(/problem {2}trunk carrier: .*\n {9}-> /);
    expect(environment.printed).toMatch(/\n1 problem, /);
  });

  test('ends with 1 and the list when the configuration cannot be used', async () => {
    const path = join(folder, 'wrong.yaml');
    writeFileSync(path, 'nothing: true\n');
    expect(await runCommandLine(['check', '--config', path], environment)).toBe(1);
    expect(environment.complaints).toContain('nothing: true');
  });
});
