import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { ApiServer, ApiServerOptions } from '../../../src/api/server.ts';
import { ConnectionCounter } from '../../../src/sip/transport/limits.ts';
import { openApiServer } from '../../support/api-server.ts';
import { fakeCall as call, FakeControl } from '../../support/fake-control.ts';
import { until } from '../../support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-api-'));
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const built = join(folder, 'web');
const pages = { folder: built, dashboard: false, phone: true };

beforeAll(() => {
  const subject = ['-subj', '/CN=localhost', '-days', '2', '-nodes'];
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-keyout', key, '-out', cert, ...subject],
    { stdio: 'ignore' },
  );
  mkdirSync(join(built, 'phone'), { recursive: true });
  mkdirSync(join(built, 'dashboard'));
  mkdirSync(join(built, 'assets'));
  writeFileSync(join(built, 'phone', 'index.html'), '<title>phone</title>');
  writeFileSync(join(built, 'dashboard', 'index.html'), '<title>dashboard</title>');
  writeFileSync(join(built, 'assets', 'phone-1a2b.js'), 'export {};');
  writeFileSync(join(built, 'assets', 'phone-1a2b.js.map'), '{}');
});

afterAll(() => rmSync(folder, { recursive: true }));

const control = new FakeControl();
let server: ApiServer | undefined;

afterEach(async () => {
  control.state = 'ready';
  await server?.close();
});

async function open(more: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  server = await openApiServer({ control, ...more });
  return server;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Without normalising the path, as an attacker would. */
function get(path: string, more: RequestOptions & { secure?: boolean } = {}): Promise<Answer> {
  const { secure = false, ...options } = more;
  const port = (secure ? server?.https : server?.http)?.port ?? 0;
  return new Promise((resolve, reject) => {
    const sent = (secure ? httpsRequest : httpRequest)(
      { host: '127.0.0.1', port, path, rejectUnauthorized: false, ...options },
      (response) => {
        let text = '';
        response.on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

describe('listeners', () => {
  test('http and https serve the same', async () => {
    const listen = { host: '127.0.0.1', port: 0 };
    const { http, https } = await open({ https: { listen, cert, key } });
    expect(http?.port).not.toBe(https?.port);
    for (const secure of [false, true])
      expect(await get('/healthz', { secure })).toMatchObject({ status: 200, text: '{"status":"ready"}' });
  });

  test('one of them may be missing', async () => {
    expect((await open({ http: null, https: { listen: { host: '127.0.0.1', port: 0 }, cert, key } })).http).toBeNull();
    expect((await get('/healthz', { secure: true })).status).toBe(200);
  });

  test('a port in use and a missing certificate leave nothing open', async () => {
    const { http } = await open();
    const listen = http ?? { host: '', port: 0 };
    const free = { host: '127.0.0.1', port: 0 };
    await expect(open({ http: { listen: free }, https: { listen, cert, key } })).rejects.toThrow('EADDRINUSE');
    await expect(open({ http: { listen: free }, https: { listen: free, cert: '/nowhere.pem', key } })).rejects.toThrow('ENOENT');
  });

  test('close ends idle and running connections', async () => {
    const { http } = await open();
    const socket = connect(http?.port ?? 0, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\n');
    const gone = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('connect', resolve));
    const closing = server?.close();
    expect(server?.close()).toBe(closing);
    await closing;
    await gone;
  });
});

describe('sockets', () => {
  test.each([false, true])('beyond the limit of one address are closed unread, silent ones counted; TLS: %s', async (secure) => {
    const listen = { host: '127.0.0.1', port: 0 };
    const places = new ConnectionCounter({ connections: 100, connectionsPerAddress: 2 });
    const { http, https } = await open({ https: { listen, cert, key }, places });
    const port = (secure ? https : http)?.port ?? 0;
    const silent = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    for (const socket of silent) socket.on('error', () => {});
    await until('both places are taken', () => places.total === 2);
    await expect(get('/healthz', { secure, agent: false })).rejects.toThrow();
    silent[0]?.destroy();
    await until('a place is free again', () => places.total === 1);
    expect((await get('/healthz', { secure, agent: false })).status).toBe(200);
    silent[1]?.destroy();
    await until('no place is taken', () => places.total === 0);
  });
});

describe('health', () => {
  test.each(['starting', 'draining'] as const)('%s is 503', async (state) => {
    control.state = state;
    await open();
    expect(await get('/healthz')).toMatchObject({ status: 503, text: JSON.stringify({ status: state }) });
  });
});

describe('the API', () => {
  test('lists calls for this machine', async () => {
    await open();
    const { status, text } = await get('/api/v1/calls');
    expect([status, JSON.parse(text)]).toEqual([200, { calls: [call] }]);
    expect((await get('/api/v1/calls', { headers: { host: 'localhost:8080' } })).status).toBe(200);
  });

  test.each([
    { 'x-forwarded-for': '127.0.0.1' },
    { forwarded: 'for=127.0.0.1' },
    { 'x-real-ip': '127.0.0.1' },
    { 'x-forwarded-proto': 'https' },
    { via: '1.1 proxy' },
    { host: 'rebound.attacker.example' },
    { host: '127.0.0.1.attacker.example:8080' },
  ])('what comes through a proxy or under another name gets 403: %j', async (headers) => {
    await open();
    expect((await get('/api/v1/calls', { headers })).status).toBe(403);
    expect((await get('/api/v1/nothing', { headers })).status).toBe(403);
  });

  test.each(['a b', 'a/b', '[::1', '127.0.0.1:99999'])('what is addressed to %j is refused as a problem', async (host) => {
    await open();
    const { status, headers, text } = await get('/api/v1/calls', { headers: { host } });
    expect([status, headers['content-type'], JSON.parse(text).status]).toEqual([400, 'application/problem+json', 400]);
  });

  test('takes requests without a body, and none whose length it is not told or that is too long', async () => {
    await open();
    const bodies = [{}, { 'content-length': '65537' }, { 'transfer-encoding': 'chunked' }];
    const statuses = await Promise.all(
      bodies.map(async (headers) => (await get('/api/v1/trunks/carrier/test', { method: 'POST', headers, agent: false })).status),
    );
    expect(statuses).toEqual([200, 413, 411]);
  });

  const outer = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

  test.runIf(outer)('other peers get 403, whatever they claim; health they get', async () => {
    await open({ http: { listen: { host: '0.0.0.0', port: 0 } } });
    const headers = { host: 'localhost', 'x-real-ip': '127.0.0.1' };
    const from = outer ? { host: outer, localAddress: outer } : {};
    expect((await get('/api/v1/calls', { ...from, headers })).status).toBe(403);
    expect((await get('/healthz', from)).status).toBe(200);
  });
});

describe('pages', () => {
  test('are not there unless wanted', async () => {
    await open();
    for (const path of ['/', '/phone', '/assets/phone-1a2b.js']) expect((await get(path)).status).toBe(404);
  });

  test('/ leads to /phone, assets are cached, pages are not', async () => {
    await open({ pages });
    expect(await get('/')).toMatchObject({ status: 302, headers: { location: '/phone' } });
    for (const path of ['/phone', '/phone/', '/phone?a=b']) {
      expect(await get(path)).toMatchObject({
        status: 200,
        text: '<title>phone</title>',
        headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-cache' },
      });
    }
    const { headers } = await get('/assets/phone-1a2b.js');
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': expect.stringContaining('immutable'),
    });
  });

  test('the dashboard is at /, for whoever may use the API, and nowhere else', async () => {
    const stranger = { headers: { host: 'rebound.attacker.example' } };
    await open({ pages: { ...pages, dashboard: true } });
    expect(await get('/')).toMatchObject({ status: 200, text: '<title>dashboard</title>', headers: { 'cache-control': 'no-cache' } });
    expect(await get('/', stranger)).toMatchObject({ status: 302, headers: { location: '/phone' } });
    for (const path of ['/dashboard', '/dashboard/', '//dashboard', '/dashboard/index.html']) expect((await get(path)).status).toBe(404);
  });

  test('without the softphone there is the dashboard alone', async () => {
    const stranger = { headers: { host: 'rebound.attacker.example' } };
    await open({ pages: { folder: built, dashboard: true, phone: false }, softphone: { password: 'secret' } });
    expect((await get('/')).text).toBe('<title>dashboard</title>');
    expect((await get('/', stranger)).status).toBe(404);
    for (const path of ['/phone', '/phone/', '//phone', '/.//phone', '/phone/index.html', '/phone/config.json'])
      expect((await get(path)).status).toBe(404);
  });

  test('the settings of the page are for this machine alone when they hold a password, and are never kept', async () => {
    const path = '/phone/config.json';
    const headers = { host: 'rebound.attacker.example' };
    await open({ pages, softphone: { password: 'secret' } });
    expect(await get(path)).toMatchObject({ status: 200, text: '{"password":"secret"}', headers: { 'cache-control': 'no-store' } });
    expect(await get(path, { headers })).toMatchObject({ status: 403, text: expect.not.stringContaining('secret') });
    await server?.close();
    await open({ pages });
    expect(await get(path, { headers })).toMatchObject({ status: 200, text: 'null' });
  });

  test.each([
    '/../cert.pem',
    '/..%2fcert.pem',
    '/phone/../../cert.pem',
    '/assets/phone-1a2b.js.map',
    '/assets',
    '//etc/passwd',
    '/%00',
    '/%',
    '/__proto__',
  ])('%s is nothing', async (path) => {
    await open({ pages });
    expect((await get(path)).status).toBe(404);
  });

  test('missing files stop the start', async () => {
    await expect(open({ pages: { ...pages, folder: join(folder, 'not-built') } })).rejects.toThrow('ENOENT');
  });
});

describe('every answer', () => {
  test('carries the security headers', async () => {
    await open({ pages });
    for (const path of ['/healthz', '/phone', '/api/v1/calls', '/nothing']) {
      expect((await get(path)).headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'content-security-policy': expect.stringContaining("frame-ancestors 'none'"),
        'referrer-policy': 'no-referrer',
      });
    }
  });

  test('a defect is answered with 500 and no details', async () => {
    const broken = new FakeControl();
    broken.calls.running = () => {
      throw new Error('secret detail');
    };
    await open({ control: broken });
    const { status, text } = await get('/api/v1/calls');
    expect(status).toBe(500);
    expect(text).toContain('internal error');
    expect(text).not.toContain('secret');
  });
});

describe('upgrades', () => {
  const headers = { Connection: 'Upgrade', Upgrade: 'websocket' };

  test('on /sip go to the SIP transport, with or without a query', async () => {
    const seen: string[] = [];
    await open({
      upgrade: (request, socket) => {
        seen.push(request.url ?? '');
        socket.once('finish', () => socket.destroy());
        socket.end('HTTP/1.1 418 Taken\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      },
    });
    expect((await get('/sip', { headers })).status).toBe(418);
    expect((await get('/sip?x', { headers })).status).toBe(418);
    expect(seen).toEqual(['/sip', '/sip?x']);
  });

  test('live on when the server closes', async () => {
    let taken: Duplex | undefined;
    const { http } = await open({
      upgrade: (_request, socket) => {
        taken = socket;
      },
    });
    const client = connect(http?.port ?? 0, '127.0.0.1');
    client.write('GET /sip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await until('the upgrade', () => taken);
    await server?.close();
    taken?.write('still here');
    const [bytes] = await once(client, 'data');
    expect(String(bytes)).toBe('still here');
    taken?.destroy();
    client.destroy();
    await open({ http: { listen: http ?? { host: '', port: 0 } } });
  });

  test('elsewhere are refused', async () => {
    await open();
    for (const path of ['/', '/sip/', '/sips', '/api/v1/calls']) expect((await get(path, { headers })).status).toBe(404);
  });
});
