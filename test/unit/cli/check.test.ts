import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { checkCertificate } from '../../../src/cli/checks/certificate.ts';
import { checkClock } from '../../../src/cli/checks/clock.ts';
import type { Finding } from '../../../src/cli/checks/finding.ts';
import { checkMachine, checkOpenFiles } from '../../../src/cli/checks/machine.ts';
import { checkAdvertised, checkNetwork } from '../../../src/cli/checks/network.ts';
import { checkPeople } from '../../../src/cli/checks/people.ts';
import { checkPorts, checkRange } from '../../../src/cli/checks/ports.ts';
import { checkServices, checkStore } from '../../../src/cli/checks/services.ts';
import { checkTrunks } from '../../../src/cli/checks/trunks.ts';
import { runCommandLine } from '../../../src/cli/program.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { Config, ConfigInput } from '../../../src/config/schema.ts';
import { FakeEnvironment } from './fake-environment.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-check-'));
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const otherKey = join(folder, 'other.pem');

beforeAll(() => {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const req = (keyFile: string, certFile: string): void => {
    execFileSync('openssl', ['req', '-x509', ...ec, '-nodes', '-subj', '/CN=gw', '-days', '30', '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
  };
  req(otherKey, join(folder, 'unused.pem'));
  req(key, cert);
});

afterAll(() => rmSync(folder, { recursive: true }));

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
});

const trunk = { name: 'carrier', target: 'sip:192.0.2.7' };
const alice = { name: 'alice', password: 'a long one' };
const routes = { outbound: [{ match: '.', trunk: 'carrier' }], inbound: [{ match: '.', users: ['alice'] }] };

/** Free ports on the loopback address everywhere. */
function local(more: ConfigInput = {}): Config {
  return parseConfig({
    http: { listen: '127.0.0.1:0' },
    sip: { udp: '127.0.0.1:0', tcp: '127.0.0.1:0' },
    media: { browser: { bind: '127.0.0.1', port: 0 }, trunk: { bind: '127.0.0.1', ports: [46200, 46299] }, workers: 2 },
    limits: { calls: 50 },
    ...more,
  });
}

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ level, text }) => `${level} ${text}`);
}

describe('ports', () => {
  test('free ones are fine', async () => {
    const findings = await checkPorts(local());
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(findings).toHaveLength(8);
  });

  test('a taken one is a problem with advice, TCP and UDP alike; in the trunk range a warning', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(46200, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    const findings = await checkPorts(local({ http: { listen: `127.0.0.1:${port}` }, sip: { udp: '127.0.0.1:46200', tcp: null } }));
    server.close();
    socket.close();
    expect(levels(findings.filter(({ level }) => level !== 'ok'))).toEqual([
      `problem http.listen: TCP 127.0.0.1:${port} is in use by another program`,
      'warning media.trunk.ports: UDP 127.0.0.1:46200 is in use by another program',
      'problem sip.udp: UDP 127.0.0.1:46200 is in use by another program',
    ]);
    expect(findings.every(({ level, advice }) => level === 'ok' || advice)).toBe(true);
  });

  test('the range is held against the calls that are allowed', () => {
    expect(checkRange(local({ limits: { calls: 50 } })).level).toBe('ok');
    expect(checkRange(local({ limits: { calls: 51 } }))).toMatchObject({ level: 'warning', text: expect.stringContaining('50 pairs') });
  });

  test('an address of another machine', async () => {
    const findings = await checkPorts(local({ sip: { udp: '203.0.113.1:5060', tcp: null } }));
    expect(levels(findings)).toContain('problem sip.udp: UDP 203.0.113.1:5060 is no address of this machine');
  });
});

describe('the certificate', () => {
  const now = Date.now() + 60_000; // certificates are made a little later than this line is read
  const day = 86_400_000;
  const https = (files: { cert?: string; key?: string } = {}) => local({ https: { listen: '127.0.0.1:0', cert, key, ...files } });

  test('is looked at when there is one', () => {
    expect(checkCertificate(local(), now)).toEqual([]);
    expect(levels(checkCertificate(https(), now))).toEqual([
      expect.stringMatching(/^ok https.cert is valid for (29|30) days/),
      expect.stringContaining('warning https.cert is signed by itself'),
    ]);
  });

  test.each([
    [20 * day, 'warning https.cert expires in 9 days'],
    [31 * day, 'problem https.cert has expired'],
    [-2 * day, 'problem https.cert is not valid before'],
  ])('%i ms from now: %s', (ahead, expected) => {
    expect(levels(checkCertificate(https(), now + ahead))[0]).toContain(expected.replace('9 days', ''));
  });

  test('that does not fit its key, or cannot be read, is a problem', () => {
    expect(levels(checkCertificate(https({ key: otherKey }), now))[0]).toContain('problem https.key is not the key');
    expect(levels(checkCertificate(https({ cert: '/nowhere.pem' }), now))[0]).toContain('ENOENT');
    expect(levels(checkCertificate(https({ cert: key }), now))[0]).toContain('problem https: the certificate cannot be read');
  });
});

describe('the chain of the certificate', () => {
  const now = Date.now() + 60_000;
  const files = (name: string) => ({ key: join(folder, `${name}.key`), cert: join(folder, `${name}.pem`) });
  const texts = (cert: string, keyFile: string) =>
    levels(checkCertificate(local({ https: { listen: '127.0.0.1:0', cert, key: keyFile } }), now));

  /** Signed by another one of these, or by itself. */
  function issue(name: string, by: string, authority: boolean): void {
    const [own, issuer] = [files(name), files(by)];
    const request = join(folder, `${name}.csr`);
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
    writeFileSync(join(folder, 'extensions'), `basicConstraints=CA:${authority ? 'TRUE' : 'FALSE'}\n`);
    openssl('req', ...ec, '-keyout', own.key, '-out', request);
    const signing = name === by ? ['-signkey', own.key] : ['-CA', issuer.cert, '-CAkey', issuer.key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, ...signing, '-days', '30', '-extfile', join(folder, 'extensions'), '-out', own.cert);
  }

  beforeAll(() => {
    issue('root', 'root', true);
    issue('middle', 'root', true);
    issue('leaf', 'middle', false);
  });

  test('an authority of one’s own is told, by name', () => {
    const chain = join(folder, 'chain.pem');
    writeFileSync(chain, ['leaf', 'middle'].map((name) => readFileSync(files(name).cert, 'utf8')).join(''));
    expect(texts(chain, files('leaf').key)).toEqual([
      expect.stringMatching(/^ok https.cert is valid/),
      'warning https.cert: no authority that browsers know signed CN=middle, but CN=root',
    ]);
  });

  test('a wrong order or a stranger in the chain is a problem', () => {
    const chain = join(folder, 'disorder.pem');
    writeFileSync(chain, ['leaf', 'root', 'middle'].map((name) => readFileSync(files(name).cert, 'utf8')).join(''));
    expect(texts(chain, files('leaf').key)[1]).toBe('problem https.cert: certificate 2 of the file did not sign certificate 1');
  });
});

describe('people', () => {
  test('somebody must be there, and nobody else', () => {
    expect(levels(checkPeople(local()))).toEqual([
      expect.stringContaining('warning users: there are none'),
      expect.stringContaining('warning trunks: there are none'),
    ]);
    expect(levels(checkPeople(local({ users: [alice], trunks: [trunk], routes })))).toEqual([
      'ok users: 1',
      'ok routes: 1 outbound, 1 inbound',
    ]);
    const weak = local({ users: [{ name: 'alice', password: 'short' }, alice].slice(0, 1), trunks: [trunk], allowedOrigins: ['*'] });
    expect(levels(checkPeople(weak))).toEqual([
      'warning users: short passwords (alice)',
      expect.stringContaining('warning routes.outbound'),
      expect.stringContaining('warning routes.inbound'),
      expect.stringContaining('warning allowedOrigins'),
    ]);
  });
});

describe('the network', () => {
  test('a private address is told to no trunk in the internet', async () => {
    const config = (advertise: string) => local({ trunks: [trunk], sip: { udp: '127.0.0.1:0', tcp: null, advertise } });
    const findings = async (advertise: string) => levels(await checkNetwork(config(advertise), environment));
    expect((await findings('10.0.0.5')).at(-1)).toBe(
      'problem sip.advertise: 10.0.0.5 is private, but these trunks are in the internet: carrier',
    );
    expect((await findings('203.0.113.5')).at(-1)).toContain('ok ');
  });

  test('pages for others need https', async () => {
    const findings = await checkNetwork(local({ http: { listen: '0.0.0.0:0' } }), environment);
    expect(levels(findings)[0]).toContain('warning http listens for other machines');
  });

  test('behind NAT the public address must be told', () => {
    const media = { browser: { bind: '0.0.0.0' }, trunk: { bind: '0.0.0.0' } };
    const wide = (more: object = {}) => parseConfig({ media, trunks: [trunk], ...more });
    const privateOnly = ['127.0.0.1', '10.0.0.5'];
    expect(checkAdvertised(wide(), privateOnly).map(({ level }) => level)).toEqual(['warning', 'warning', 'warning']);
    expect(checkAdvertised(wide(), ['127.0.0.1', '203.0.113.5']).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
    expect(checkAdvertised(wide(), [...privateOnly, '2001:db8::5']).map(({ level }) => level)).toEqual(['warning', 'warning', 'warning']);
    const told = wide({
      sip: { advertise: '203.0.113.5' },
      media: { browser: { advertise: '203.0.113.5' }, trunk: { advertise: '10.0.0.5' } },
    });
    expect(checkAdvertised(told, privateOnly).map(({ level, text }) => [level, text.includes('translated')])).toEqual([
      ['ok', true],
      ['ok', false],
      ['ok', true],
    ]);
  });
});

describe('trunks', () => {
  const check = async (more: object = {}) => checkTrunks(local({ trunks: [{ ...trunk, ...more }] }), environment);

  test('must resolve', async () => {
    const findings = levels(await check({ target: 'sip:nowhere.example' }));
    expect(findings).toEqual([
      expect.stringContaining('problem trunk carrier: sip:nowhere.example cannot be found: nowhere.example does not resolve'),
    ]);
  });

  test('that answer are fine, whatever they say; but for a few answers that mean something', async () => {
    expect(levels(await check())).toEqual([
      'ok trunk carrier: sip:192.0.2.7 is 192.0.2.7',
      'ok trunk carrier: answers OPTIONS with 200 OK in 12 ms',
    ]);
    environment.answers.set('192.0.2.7', { status: 405, reason: 'Method Not Allowed' });
    expect((await check())[1]?.level).toBe('ok');
    environment.answers.set('192.0.2.7', { status: 403, reason: 'Forbidden' });
    expect((await check())[1]).toMatchObject({ level: 'warning', advice: expect.stringContaining('does not want us') });
    environment.answers.set('192.0.2.7', { status: 503, reason: 'Service Unavailable' });
    expect((await check({ pingSec: 30 }))[1]).toMatchObject({ level: 'warning', advice: expect.stringContaining('counts as down') });
  });

  test.each([
    ['ECONNREFUSED', 0, 'problem', 'nobody listens there'],
    ['ETIMEDOUT', 0, 'warning', 'there is no answer'],
    ['ETIMEDOUT', 30, 'problem', 'there is no answer'],
    ['ENETUNREACH', 0, 'problem', 'no way to that network'],
  ])('that do not (%s, pingSec %i): %s', async (code, pingSec, level, words) => {
    environment.answers.set('192.0.2.7', code);
    const [, finding] = await check({ pingSec });
    expect(finding).toMatchObject({ level, text: expect.stringContaining(words), advice: expect.stringMatching(/look at|look for/) });
  });
});

describe('the clock', () => {
  test('must be of our times, and better be kept right', () => {
    const now = Date.UTC(2026, 4, 1, 12);
    expect(levels(checkClock(now, true))).toEqual(['ok clock: 2026-05-01 12:00 UTC, kept right by a time server']);
    expect(levels(checkClock(now, null))).toEqual(['ok clock: 2026-05-01 12:00 UTC']);
    expect(checkClock(now, false)[0]?.level).toBe('warning');
    expect(levels(checkClock(0, true))).toEqual(['problem clock: this machine believes that it is 1970-01-01 00:00 UTC']);
  });
});

describe('services', () => {
  test('the store can be written, or it is said why not', () => {
    expect(checkStore({ path: join(folder, 'offhook.db') }).level).toBe('ok');
    expect(checkStore({ path: null }).text).toContain('as long as the process');
    expect(checkStore({ path: join(folder, 'nowhere', 'offhook.db') })).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('there is no /'),
    });
    expect(checkStore({ path: folder })).toMatchObject({ level: 'problem', text: expect.stringContaining('no file') });
  });

  test('those who are told of events can be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    const webhooks = [{ url: `http://127.0.0.1:${port}/hook`, secret: 'a secret of thirty-two characters' }];
    const findings = async () => levels(await checkServices(local({ webhooks, store: { path: null } }))).slice(1);
    expect(await findings()).toEqual([`ok webhooks: http://127.0.0.1:${port} can be reached`]);
    server.close();
    expect(await findings()).toEqual([`problem webhooks: http://127.0.0.1:${port}: nobody listens there`]);
  });
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
