import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from '../../../src/config/config-error.ts';
import { loadConfig, parseConfig } from '../../../src/config/load.ts';
import type { ConfigInput } from '../../../src/config/schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(text: string): string {
  const path = join(folder, 'offhook.yaml');
  writeFileSync(path, text);
  return path;
}

function errorOf(load: () => unknown): ConfigError {
  try {
    load();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

function problemsOf(input: ConfigInput): Record<string, string> {
  const { problems } = errorOf(() => parseConfig(input));
  return Object.fromEntries(problems.map(({ path, value, expected }) => [path, `${value} | ${expected}`]));
}

const carrier = { name: 'carrier', target: 'sip:203.0.113.9' };

describe('defaults', () => {
  test('config/default.yaml alone is a configuration', () => {
    const config = loadConfig({});
    expect(config.http).toEqual({ listen: { host: '127.0.0.1', port: 8080 } });
    expect(config.https).toBeNull();
    expect(config.call).toEqual({ graceSec: 30, noAnswerSec: 60, maxSec: 14400, sessionExpiresSec: 1800, drainSec: 0 });
    expect(config.users).toEqual([]);
  });

  test('list entries get the defaults of the schema', () => {
    const config = parseConfig({ trunks: [carrier], users: [{ name: 'alice', password: 'pw' }] });
    expect(config.trunks).toEqual([
      {
        ...carrier,
        auth: null,
        register: false,
        registerExpiresSec: 600,
        sources: [],
        codecs: ['PCMU', 'PCMA'],
        tcpFallback: false,
        pingSec: 0,
        media: { learn: false },
      },
    ]);
    expect(config.users).toEqual([{ name: 'alice', password: 'pw', callerId: null, dtmf: 'rfc4733' }]);
  });
});

describe('files', () => {
  test('a file is laid over the defaults key by key', () => {
    const config = loadConfig({ file: file('sip: { udp: "127.0.0.1:5070" }\nallowedOrigins: ["HTTPS://App.example.com:443"]\n') });
    expect(config.sip).toEqual({ udp: { host: '127.0.0.1', port: 5070 }, tcp: { host: '0.0.0.0', port: 5060 }, advertise: null });
    expect(config.allowedOrigins).toEqual(['https://app.example.com']);
  });

  test('cert and key are relative to the file', () => {
    const config = loadConfig({ file: file('https: { listen: "0.0.0.0:8443", cert: server.pem, key: /etc/server.key }\n') });
    expect(config.https).toMatchObject({ cert: join(folder, 'server.pem'), key: '/etc/server.key' });
  });

  test('an empty file changes nothing', () => {
    expect(loadConfig({ file: file('# nothing yet\n') })).toEqual(loadConfig({}));
  });

  test('a missing file and bad YAML are told without quoting the file', () => {
    expect(errorOf(() => loadConfig({ file: join(folder, 'none.yaml') })).message).toContain('ENOENT');
    const broken = errorOf(() => loadConfig({ file: file('users: [{ password: hunter2, name: "x }]\n') }));
    expect(broken.message).toContain('expected YAML');
    expect(broken.message).not.toContain('hunter2');
  });
});

describe('environment', () => {
  test('variables go over the file', () => {
    const env = {
      OFFHOOK_SIP_UDP: '127.0.0.1:5080',
      OFFHOOK_SIP_TCP: 'null',
      OFFHOOK_MEDIA_TRUNK_PORTS: '31000, 31999',
      OFFHOOK_MEDIA_WORKERS: '2',
      OFFHOOK_CALL_GRACE_SEC: '10',
      OFFHOOK_DOMAIN: '10.0.0.1',
      OFFHOOK_ALLOWED_ORIGINS: '*, none',
      OFFHOOK_WEB_SOFTPHONE: 'true',
      OFFHOOK_USERS: '[{ name: alice, password: "12345" }]',
      OFFHOOK_LOG_LEVEL: '',
    };
    const config = loadConfig({ file: file('sip: { udp: "127.0.0.1:5070" }\n'), env });
    expect(config.sip).toEqual({ udp: { host: '127.0.0.1', port: 5080 }, tcp: null, advertise: null });
    expect(config.media).toMatchObject({ trunk: { ports: [31000, 31999] }, workers: 2 });
    expect(config.call.graceSec).toBe(10);
    expect(config.domain).toBe('10.0.0.1');
    expect(config.allowedOrigins).toEqual(['*', 'none']);
    expect(config.web.softphone).toBe(true);
    expect(config.users[0]?.password).toBe('12345');
    expect(config.log.level).toBe('info');
  });

  test('a section may be given whole and in parts', () => {
    const env = {
      OFFHOOK_HTTPS_LISTEN: '127.0.0.1:9443',
      OFFHOOK_HTTPS: '{listen: "0.0.0.0:8443", cert: /c, key: /k}',
      OFFHOOK_HTTP: 'null',
    };
    const config = loadConfig({ env });
    expect(config.https).toEqual({ listen: { host: '127.0.0.1', port: 9443 }, cert: '/c', key: '/k' });
    expect(config.http).toBeNull();
  });

  test('mistakes name the variable', () => {
    const error = errorOf(() => loadConfig({ env: { OFFHOOK_SIP_UDP: '5060', OFFHOOK_SIP_UPD: 'x', OFFHOOK_MEDIA_TRUNK_PORTS: '1, 2' } }));
    expect(error.problems.map(({ path }) => path).sort()).toEqual([
      'OFFHOOK_MEDIA_TRUNK_PORTS (media.trunk.ports)',
      'OFFHOOK_SIP_UDP (sip.udp)',
      'OFFHOOK_SIP_UPD',
    ]);
  });

  test('variables that Kubernetes sets for a service called offhook are left alone', () => {
    const env = { OFFHOOK_SERVICE_HOST: '10.0.0.1', OFFHOOK_PORT: 'tcp://10.0.0.1:80', OFFHOOK_PORT_80_TCP_ADDR: '10.0.0.1' };
    expect(loadConfig({ env })).toEqual(loadConfig({}));
  });
});

describe('wrong values', () => {
  test('every problem is listed, with path, value and expectation', () => {
    const problems = problemsOf({
      domian: 'example.com',
      sip: { udp: '0.0.0.0', tcp: 5060, advertise: 'two words' },
      media: { trunk: { ports: [30001, 39999] }, workers: 'many', driver: 'fast' },
      call: { graceSec: -1, grace: 3 },
    } as ConfigInput);
    expect(problems).toEqual({
      domian: '"example.com" | another name: did you mean "domain"?',
      'sip.udp': '"0.0.0.0" | an IP address and a port, such as "127.0.0.1:8080", "0.0.0.0:5060" or "[::]:5060", or null',
      'sip.tcp': '5060 | an IP address and a port, such as "127.0.0.1:8080", "0.0.0.0:5060" or "[::]:5060", or null',
      'sip.advertise': expect.stringContaining('"two words" | the address under which'),
      'media.trunk.ports': expect.stringContaining('[30001,39999] | an even first and an odd last port'),
      'media.workers': '"many" | auto, or a whole number, 0 to 64',
      'media.driver': '"fast" | one of auto, mmsg, dgram',
      'call.graceSec': '-1 | a whole number of seconds, 0 to 3600',
      'call.grace': '3 | no such key; there are graceSec, noAnswerSec, maxSec, sessionExpiresSec, drainSec',
    });
  });

  test('a number where YAML lost the quotes', () => {
    expect(problemsOf({ users: [{ name: 'alice', password: 'pw', callerId: 15550100 }] })).toEqual({
      'users[0].callerId': expect.stringContaining('15550100 | a telephone number or user name in quotes'),
    });
  });

  test('missing keys and sections', () => {
    expect(problemsOf({ users: [{ name: 'alice' }], https: { listen: '0.0.0.0:1' }, call: null })).toEqual({
      'users[0].password': '(missing) | 1 to 256 characters in quotes',
      'https.cert': expect.stringContaining('(missing) | the path of a file'),
      'https.key': expect.stringContaining('(missing) | the path of a file'),
      call: 'null | a section with graceSec, noAnswerSec, maxSec, sessionExpiresSec, drainSec',
    });
  });

  test('secrets are never printed', () => {
    const { message } = errorOf(() =>
      parseConfig({
        users: [{ name: 'alice', password: 12345, pasword: 'hunter2' }, 'bob:hunter2'],
        trunks: [{ ...carrier, password: 'hunter2', auth: { username: 1, password: ['hunter2'] } }],
        apiToken: 'hunter2',
      } as ConfigInput),
    );
    expect(message).not.toContain('hunter2');
    expect(message).not.toContain('12345');
    expect(message).toContain('users[0].password: (hidden)');
    expect(message).toContain('trunks[0].auth.username: 1');
  });

  test('a list for a section and a section for a list', () => {
    expect(problemsOf({ sip: [], users: {} })).toEqual({
      sip: '[] | a section with udp, tcp, advertise',
      users: '(hidden) | a list',
    });
  });

  test('hostile key names are keys like any other', () => {
    const path = file('__proto__: { polluted: true }\nsip: { constructor: 1 }\n');
    const { problems } = errorOf(() => loadConfig({ file: path }));
    expect(problems.map((problem) => problem.path).sort()).toEqual(['__proto__', 'sip.constructor']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test.each([
    ['sip:gw.example.com', true],
    ['sip:[2001:db8::1]:5070;transport=tcp', true],
    ['sips:gw.example.com', false],
    ['sip:gw.example.com;transport=tls', false],
    ['sip:user@gw.example.com', false],
    ['gw.example.com', false],
  ])('target %s: %s', (target, accepted) => {
    const load = () => parseConfig({ trunks: [{ name: 'carrier', target }] });
    if (accepted) expect(load().trunks[0]?.target).toBe(target);
    else expect(errorOf(load).problems[0]?.path).toBe('trunks[0].target');
  });

  test.each([
    ['https://app.example.com', 'https://app.example.com'],
    ['https://app.example.com:443', 'https://app.example.com'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['null', undefined],
    ['app.example.com', undefined],
    ['https://app.example.com/', undefined],
    ['https://app.example.com/path', undefined],
    ['ftp://app.example.com', undefined],
    ['https://*.example.com', undefined],
  ])('origin %s', (origin, normal) => {
    const load = () => parseConfig({ allowedOrigins: [origin] });
    if (normal) expect(load().allowedOrigins).toEqual([normal]);
    else expect(errorOf(load).problems[0]?.path).toBe('allowedOrigins[0]');
  });

  test.each(['203.0.113.0/24', '2001:db8::/32', '203.0.113.9'])('source %s is accepted', (source) => {
    expect(parseConfig({ trunks: [{ ...carrier, sources: [source] }] }).trunks[0]?.sources).toEqual([source]);
  });

  test.each(['203.0.113.0/33', '203.0.113.0/', '203.0.113', 'gw.example.com'])('source %s is refused', (source) => {
    expect(problemsOf({ trunks: [{ ...carrier, sources: [source] }] })).toHaveProperty(['trunks[0].sources[0]']);
  });
});

test.each(['https://user:hunter2@example.com/hook', 'file:///hunter2', 'hunter2'])(
  'a webhook to %s is refused, and not repeated',
  (url) => {
    const problem = problemsOf({ webhooks: [{ url, secret: 'sixteen characters' }] })['webhooks[0].url'];
    expect(problem).toContain('an http or https address without a password');
    expect(problem).not.toContain('hunter2');
  },
);

describe('what one value cannot know', () => {
  test('routes name trunks and users that exist', () => {
    const problems = problemsOf({
      trunks: [carrier],
      routes: { outbound: [{ match: '.', trunk: 'carier' }], inbound: [{ match: '.', users: ['alice'] }] },
    });
    expect(problems).toEqual({
      'routes.outbound[0].trunk': '"carier" | the name of a trunk; there are carrier',
      'routes.inbound[0].users[0]': '"alice" | the name of a user; there is none in users',
    });
  });

  test('patterns compile and stay quick', () => {
    const problems = problemsOf({
      trunks: [carrier],
      routes: {
        outbound: [
          { match: '(', trunk: 'carrier' },
          { match: '(a+)+$', trunk: 'carrier' },
        ],
      },
    });
    expect(problems['routes.outbound[0].match']).toMatch(/^"\(" \| a regular expression.*; it does not compile$/);
    expect(problems['routes.outbound[1].match']).toContain('it can take very long');
  });

  test('names are unique', () => {
    expect(problemsOf({ trunks: [carrier, carrier] })).toEqual({ 'trunks[1].name': '"carrier" | another name: trunks[0] has it' });
  });

  test('contradictions', () => {
    expect(Object.keys(problemsOf({ http: null }))).toEqual(['http']);
    expect(Object.keys(problemsOf({ registrar: { minExpiresSec: 600, maxExpiresSec: 60 } }))).toEqual(['registrar.minExpiresSec']);
    expect(Object.keys(problemsOf({ media: { browser: { port: 30001 } } }))).toEqual(['media.browser.port']);
    expect(Object.keys(problemsOf({ sip: { udp: null }, trunks: [carrier] }))).toEqual(['sip.udp']);
    expect(Object.keys(problemsOf({ trunks: [{ ...carrier, register: true }] }))).toEqual(['trunks[0].auth']);
    expect(Object.keys(problemsOf({ sip: { tcp: null }, trunks: [{ ...carrier, tcpFallback: true }] }))).toEqual(['trunks[0].tcpFallback']);
    const overIpv6 = [{ ...carrier, target: 'sip:[2001:db8::9]:5060' }];
    expect(Object.keys(problemsOf({ trunks: overIpv6 }))).toEqual(['sip.udp']);
    expect(() => parseConfig({ sip: { udp: '[::]:5060' }, trunks: overIpv6 })).not.toThrow();
  });

  test('an API for other machines without a store for tokens stops the start in plain words', () => {
    const problems = problemsOf({ api: { expose: true } });
    expect(Object.keys(problems)).toEqual(['api.expose']);
    expect(problems['api.expose']).toContain('tokens');
  });
});
