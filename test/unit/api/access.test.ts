import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { Access, type TokenVerifier } from '../../../src/api/access.ts';
import type { Role } from '../../../src/api/resources/node.ts';
import type { ApiServer } from '../../../src/api/server.ts';
import { noTokens, openApiServer } from '../../support/api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const clock = new FakeClock();
const refused: string[] = [];
let server: ApiServer | undefined;

afterEach(async () => {
  refused.length = 0;
  await server?.close();
});

const roles = new Map<string, Role>([
  ['reader', 'read'],
  ['operator', 'operate'],
  ['administrator', 'admin'],
]);

const tokens: TokenVerifier = {
  any: async () => true,
  verify: async (token) => {
    const role = roles.get(token);
    return role ? { role, name: `the ${token}` } : null;
  },
};

async function open(tokens: TokenVerifier, expose = false): Promise<void> {
  const access = new Access({ tokens, expose, clock, refused: (host) => refused.push(host) });
  server = await openApiServer({ access, clock, metrics: { contentType: 'text/plain', render: async () => 'metric 1\n' } });
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

function ask(path: string, headers: Record<string, string> = {}, method = 'GET', body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const port = server?.http?.port ?? 0;
    const sent = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

describe('without tokens', () => {
  test('this machine may do everything', async () => {
    await open(noTokens);
    expect(JSON.parse((await ask('/api/v1/session')).text)).toEqual({ role: 'admin', name: null });
    expect((await ask('/api/v1/calls/c1', {}, 'DELETE')).status).toBe(204);
  });

  test.each([
    ['a name that a foreign page may have resolved to this machine', { Host: 'attacker.example' }],
    ['what a proxy forwards', { 'X-Forwarded-For': '203.0.113.7' }],
    ['what a proxy forwards (RFC 7239)', { Forwarded: 'for=203.0.113.7' }],
    ['a page of another origin', { Origin: 'https://attacker.example' }],
    ['a page of another origin, by its form', { 'Sec-Fetch-Site': 'cross-site' }],
    ['a sandboxed page', { Origin: 'null' }],
  ])('%s is refused', async (_what, headers) => {
    await open(noTokens, true);
    for (const [path, method] of [
      ['/api/v1/calls', 'GET'],
      ['/api/v1/trunks/carrier/disable', 'POST'],
      ['/metrics', 'GET'],
    ] as const) {
      expect((await ask(path, headers, method)).status, path).toBe(403);
    }
  });

  test('our own page is no foreign one', async () => {
    await open(noTokens);
    const headers = { Origin: `http://127.0.0.1:${server?.http?.port}`, 'Sec-Fetch-Site': 'same-origin' };
    expect((await ask('/api/v1/trunks/carrier/disable', headers, 'POST')).status).toBe(200);
  });

  test('a token is wrong', async () => {
    await open(noTokens);
    expect((await ask('/api/v1/calls', bearer('guess'))).status).toBe(401);
  });
});

describe('with tokens', () => {
  test('nobody is taken without', async () => {
    await open(tokens);
    const answer = await ask('/api/v1/calls');
    expect(answer.status).toBe(401);
    expect(answer.headers).toMatchObject({ 'www-authenticate': 'Bearer realm="offhook"', 'content-type': 'application/problem+json' });
    expect((await ask('/metrics')).status).toBe(401);
    expect((await ask('/metrics', bearer('reader'))).text).toBe('metric 1\n');
  });

  test.each([
    ['reader', 'GET', '/api/v1/calls', 200],
    ['reader', 'DELETE', '/api/v1/calls/c1', 403],
    ['reader', 'GET', '/api/v1/webhooks', 403],
    ['operator', 'DELETE', '/api/v1/calls/c1', 204],
    ['operator', 'DELETE', '/api/v1/users/alice', 403],
    ['administrator', 'DELETE', '/api/v1/users/alice', 204],
  ])('a %s asks %s %s: %i', async (token, method, path, status) => {
    await open(tokens);
    expect((await ask(path, bearer(token), method)).status).toBe(status);
  });

  test('every operation refuses whoever has no token, and every role below its own', async () => {
    await open(tokens);
    const { paths } = JSON.parse((await ask('/api/v1/openapi.json')).text);
    const below = { read: [], operate: ['reader'], admin: ['reader', 'operator'] };
    const checked: string[] = [];
    for (const [path, methods] of Object.entries<Record<string, { 'x-role': Role }>>(paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        const url = `/api/v1${path.replace(/\{[a-zA-Z]+\}/g, 'x1')}`;
        expect((await ask(url, {}, method.toUpperCase())).status, `${method} ${url}`).toBe(401);
        for (const token of below[operation['x-role']]) {
          expect((await ask(url, bearer(token), method.toUpperCase())).status, `${token}: ${method} ${url}`).toBe(403);
          checked.push(`${method} ${path}`);
        }
      }
    }
    expect(checked).toEqual(expect.arrayContaining(['delete /calls/{callId}', 'post /users', 'post /drain', 'get /webhooks']));
  });

  test('other origins, proxies and machines may ask with one where that is wanted', async () => {
    await open(tokens, true);
    const headers = { ...bearer('operator'), 'X-Forwarded-For': '203.0.113.7', Host: 'offhook.example', Origin: 'https://app.example' };
    expect((await ask('/api/v1/calls', headers)).status).toBe(200);
    await server?.close();
    await open(tokens, false);
    expect((await ask('/api/v1/calls', headers)).status).toBe(403);
  });

  test('another kind of credentials is none', async () => {
    await open(tokens);
    for (const Authorization of ['Basic YTpi', 'operator', 'Bearer', 'Bearer ', 'Bearer operator x']) {
      expect((await ask('/api/v1/calls', { Authorization })).status, Authorization).toBe(401);
    }
  });

  test('guessing is slowed down, and locks nobody out who has a token', async () => {
    await open(tokens);
    for (let guess = 0; guess < 10; guess += 1) expect((await ask('/api/v1/calls', bearer(`guess${guess}`))).status).toBe(401);
    expect((await ask('/api/v1/calls', bearer('reader'))).status).toBe(200);
    const answer = await ask('/api/v1/calls', bearer('guess'));
    expect(answer.status).toBe(429);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(50);
    expect(refused).toHaveLength(10);
    await clock.advance(60_001);
    expect((await ask('/api/v1/calls', bearer('guess'))).status).toBe(401);
  });

  test('what the API can do is no secret', async () => {
    await open(tokens);
    expect((await ask('/api/v1/openapi.json')).status).toBe(200);
    expect((await ask('/api/v1/docs')).status).toBe(200);
  });
});

describe('what is wrong with a request', () => {
  const json = { 'Content-Type': 'application/json' };

  test.each([
    ['GET', '/api/v1/nothing', {}, undefined, 404],
    ['PATCH', '/api/v1/calls', {}, undefined, 405],
    ['POST', '/api/v1/calls', json, '{"user":', 400],
    ['POST', '/api/v1/calls', json, '{"user":"alice","number":"1","__proto__":{"x":1}}', 400],
    ['POST', '/api/v1/users', json, '{"name":"..","password":"long enough"}', 400],
    ['POST', '/api/v1/calls', { 'Content-Type': 'text/plain' }, '{"user":"alice","number":"123"}', 415],
    ['POST', '/api/v1/calls', {}, undefined, 400],
    ['POST', '/api/v1/users', json, JSON.stringify({ name: 'x', password: 'y'.repeat(70_000) }), 413],
    ['GET', '/api/v1/records?limit=0', {}, undefined, 400],
    ['GET', '/api/v1/records?limt=5', {}, undefined, 400],
    ['GET', '/api/v1/records?from=yesterday', {}, undefined, 400],
    ['GET', '/api/v1/records?cause=bored', {}, undefined, 400],
    ['GET', '/api/v1/calls/..%2f..%2fetc', {}, undefined, 400],
    ['GET', '/api/v1/events?filter=no.such.event', {}, undefined, 400],
  ])('%s %s %j is told as a problem', async (method, path, headers, body, status) => {
    await open(noTokens);
    const answer = await ask(
      path,
      { ...headers, ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }) },
      method,
      body,
    );
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'about:blank', status, title: expect.any(String), detail: expect.any(String) });
  });

  test('a wrong field is named', async () => {
    await open(noTokens);
    const { text } = await ask('/api/v1/calls', json, 'POST', '{"user":"alice","number":7}');
    expect(JSON.parse(text).errors).toMatchObject([{ path: 'json.number' }]);
  });

  test('a method that is not allowed hears which are', async () => {
    await open(noTokens);
    expect((await ask('/api/v1/calls', {}, 'PUT')).headers['allow']).toBe('GET, POST');
  });
});
