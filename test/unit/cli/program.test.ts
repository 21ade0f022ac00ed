import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../src/cli/program.ts';
import { FakeEnvironment } from './fake-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
  environment.pages = folder;
});

function run(...args: string[]): Promise<number> {
  return runCommandLine(args, environment);
}

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('the command line', () => {
  test('--help names the commands', async () => {
    expect(await run('--help')).toBe(0);
    for (const command of ['start', 'check', 'demo', 'sdp']) expect(environment.printed).toContain(`  ${command} `);
    expect(await run('start', '--help')).toBe(0);
    expect(environment.printed).toContain('--config <file>');
  });

  test('--version', async () => {
    expect(await run('--version')).toBe(0);
    expect(environment.printed).toBe('1.2.3\n');
  });

  test.each([[[]], [['dance']], [['start', '--conf', 'x']], [['demo', '--port', 'x']], [['sdp', 'to-mars', 'x']], [['sdp', 'to-trunk']]])(
    '%j is a mistake, told on standard error',
    async (args) => {
      expect(await run(...args)).toBe(1);
      expect(environment.complaints).not.toBe('');
      expect(environment.started).toEqual([]);
    },
  );
});

describe('start', () => {
  test('reads file and variables, serves until it is stopped, ends calls, closes', async () => {
    environment.variables = { OFFHOOK_DOMAIN: 'env.example' };
    const config = file('ok.yaml', 'call: { graceSec: 7 }\nusers: [{ name: alice, password: "a long one" }]\n');
    expect(await run('start', '--config', config)).toBe(0);
    expect(environment.started[0]?.config).toMatchObject({ domain: 'env.example', call: { graceSec: 7 } });
    expect(environment.story).toEqual([
      'info: offhook is ready',
      'warn: no trunks are configured: there is nobody to call; `offhook demo` brings one along',
      'serving',
      'info: stopping: no more calls, running ones are ended',
      'close',
    ]);
  });

  test('lets calls go on for call.drainSec after the first signal, and ends them at the second', async () => {
    const config = file('patient.yaml', 'call: { drainSec: 90 }\n');
    environment.signals = ['SIGTERM', 'SIGINT'];
    expect(await run('start', '--config', config)).toBe(0);
    expect(environment.story.slice(-5)).toEqual([
      'serving',
      'info: draining: no more calls, running ones may go on; another signal ends them',
      'drain 90000',
      'serving',
      'close',
    ]);
    expect(environment.notices).toEqual(['READY=1', 'STOPPING=1\nEXTEND_TIMEOUT_USEC=110000000']);
  });

  test('reads the configuration again when asked, and says what counts after a restart only', async () => {
    const config = file('again.yaml', 'users: []\n');
    await run('start', '--config', config);
    environment.difference = { live: ['users'], restart: ['sip.udp'] };
    file('again.yaml', 'users: [{ name: bob, password: "a long one" }]\n');
    await environment.reload?.();
    expect(environment.started[1]?.config.users.map(({ name }) => name)).toEqual(['bob']);
    expect(environment.story.slice(-2)).toEqual([
      'info: configuration read again',
      'warn: changes of these keys count after a restart only',
    ]);
    expect(environment.notices.slice(-2)).toEqual(['RELOADING=1', 'READY=1']);
  });

  test('keeps the old configuration when the new one cannot be used', async () => {
    const config = file('broken.yaml', 'users: []\n');
    await run('start', '--config', config);
    file('broken.yaml', 'users: 7\n');
    await environment.reload?.();
    expect(environment.started).toHaveLength(1);
    expect(environment.story.at(-1)).toBe('error: configuration cannot be used: everything stays as it was');
    expect(environment.notices.at(-1)).toBe('READY=1');
  });

  test('a wrong configuration is told in full, without a stack', async () => {
    const config = file('wrong.yaml', 'sip: { udp: 5060 }\nmedia: { trunk: { ports: [1, 2] } }\n');
    expect(await run('start', '-c', config)).toBe(1);
    expect(environment.complaints).toContain('2 problems');
    expect(environment.complaints).toContain('sip.udp: 5060');
    expect(environment.complaints).not.toContain(' at ');
  });

  test('a port in use is told in a sentence', async () => {
    environment.taken = [8080];
    expect(await run('start')).toBe(1);
    expect(environment.complaints).toBe('127.0.0.1:8080 is in use by another program\n');
  });
});

describe('demo', () => {
  test('needs nothing: a carrier, a gateway that knows it, and what to dial', async () => {
    expect(await run('demo')).toBe(0);
    const { config, extras } = environment.started[0] ?? {};
    expect(config?.http?.listen).toEqual({ host: '127.0.0.1', port: 8080 });
    expect(config?.trunks[0]?.target).toBe('sip:127.0.0.1:5999;transport=udp');
    expect(config?.users[0]).toMatchObject({ name: extras?.softphone.user, password: extras?.softphone.password });
    expect(extras?.softphone.password).toHaveLength(20);
    expect(environment.printed).toMatch(/ 600 +echo\n/);
    expect(extras?.softphone.numbers).toEqual([{ number: '600', text: 'echo' }]);
    for (const number of ['600', '1004', '+15551234', '*98#']) expect(config?.routes.outbound[0]?.match.test(number)).toBe(true);
    expect(environment.printed).toContain('http://localhost:8080/phone');
    expect(environment.story.slice(-2)).toEqual(['close', 'carrier closed']);
  });

  test('takes the next free port when nobody asked for one, and says so', async () => {
    environment.taken = [8080, 8081];
    expect(await run('demo')).toBe(0);
    expect(environment.complaints).toBe('Port 8080 is in use by another program: taking 8082.\n');
    expect(environment.printed).toContain('http://localhost:8082/phone');
  });

  test('takes the port that was asked for or none', async () => {
    expect(await run('demo', '--port', '9000')).toBe(0);
    expect(environment.printed).toContain('http://localhost:9000/phone');
    environment.taken = [9000];
    expect(await run('demo', '--port', '9000')).toBe(1);
    expect(environment.complaints).toBe('port 9000 is in use by another program; choose another: offhook demo --port 9001\n');
  });

  test('says how to get the pages when they are not there', async () => {
    environment.pages = join(folder, 'web');
    expect(await run('demo')).toBe(1);
    expect(environment.complaints).toMatch(/^there are no pages in .*npm run build\n$/);
  });

  test('closes the carrier when the gateway does not start', async () => {
    environment.createGateway = () => Promise.reject(new Error('no'));
    expect(await run('demo')).toBe(1);
    expect(environment.story).toEqual(['carrier open', 'carrier closed']);
  });
});

describe('sdp', () => {
  const offer = [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=audio 50000 UDP/TLS/RTP/SAVPF 111 0 126',
    'c=IN IP4 192.0.2.1',
    'a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host',
    'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx',
    `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:111 opus/48000/2',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:126 telephone-event/8000',
    '',
  ];

  test('to-trunk prints the description, whatever the line ends of the file', async () => {
    const outputs: string[] = [];
    for (const [name, end] of [
      ['lf.sdp', '\n'],
      ['crlf.sdp', '\r\n'],
    ] as const) {
      environment.printed = '';
      expect(await run('sdp', 'to-trunk', file(name, offer.join(end)))).toBe(0);
      outputs.push(environment.printed);
    }
    expect(outputs[0]).toBe(outputs[1]);
    expect(outputs[0]).toContain('RTP/AVP 0 101\r\n');
    expect(outputs[0]).not.toContain('ice');
  });

  test('--explain says why', async () => {
    expect(await run('sdp', 'to-trunk', file('offer.sdp', offer.join('\n')), '--explain')).toBe(0);
    expect(environment.printed).toMatch(/^- a=ice-ufrag:abcd {2,}\S/m);
    expect(environment.printed).toMatch(/^~ m=audio /m);
  });

  test('--answer-to rewrites an answer', async () => {
    const browserOffer = file('offer.sdp', offer.join('\n'));
    const answer = [
      'v=0',
      'o=- 1 1 IN IP4 192.0.2.9',
      's=-',
      'c=IN IP4 192.0.2.9',
      't=0 0',
      'm=audio 4000 RTP/AVP 0',
      'a=rtpmap:0 PCMU/8000',
      '',
    ];
    expect(await run('sdp', 'to-browser', file('answer.sdp', answer.join('\n')), '--answer-to', browserOffer)).toBe(0);
    expect(environment.printed).toContain('a=ice-lite');
    expect(environment.printed).toContain('a=mid:0');
  });

  test('--codecs widens what the trunk may use', async () => {
    expect(await run('sdp', 'to-trunk', file('offer.sdp', offer.join('\n')), '--codecs', 'opus', 'PCMU')).toBe(0);
    expect(environment.printed).toContain('opus/48000/2');
  });

  test('what cannot be rewritten is told in a sentence', async () => {
    expect(await run('sdp', 'to-trunk', file('bad.sdp', 'hello\n'))).toBe(1);
    expect(environment.complaints).toMatch(/^the gateway refuses this description with 400: /);
    environment.complaints = '';
    expect(await run('sdp', 'to-trunk', join(folder, 'missing.sdp'))).toBe(1);
    expect(environment.complaints).toContain('ENOENT');
  });
});
