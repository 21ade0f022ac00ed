import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { callDetailSchema, callListSchema, placedCallSchema } from '../../../src/api/resources/calls.ts';
import { findingListSchema } from '../../../src/api/resources/findings.ts';
import { drainingSchema, nodeSchema, sessionSchema } from '../../../src/api/resources/node.ts';
import { recordPageSchema, recordSchema } from '../../../src/api/resources/records.ts';
import { registrationListSchema } from '../../../src/api/resources/registrations.ts';
import { traceSchema } from '../../../src/api/resources/traces.ts';
import { trunkListSchema, trunkSchema, trunkTestSchema } from '../../../src/api/resources/trunks.ts';
import { userListSchema, userSchema } from '../../../src/api/resources/users.ts';
import { webhookListSchema, webhookSchema } from '../../../src/api/resources/webhooks.ts';
import type { ApiServer } from '../../../src/api/server.ts';
import { openApiServer } from '../../support/api-server.ts';

let server: ApiServer;

beforeAll(async () => {
  server = await openApiServer();
});

afterAll(() => server.close());

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`http://127.0.0.1:${server.http?.port}/api/v1${path}`, init);
}

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
  readonly security?: unknown;
  readonly 'x-role'?: string;
}

interface Description {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>>; readonly securitySchemes: unknown };
}

async function described(): Promise<Description> {
  return (await ask('/openapi.json')).json() as Promise<Description>;
}

/** What answers to each operation, by its schema; null where it is no JSON. */
const operations: ReadonlyArray<readonly [method: string, path: string, schema: z.ZodType | null, body?: unknown]> = [
  ['get', '/calls', callListSchema],
  ['post', '/calls', placedCallSchema, { user: 'alice', number: '123' }],
  ['get', '/calls/{callId}', callDetailSchema],
  ['delete', '/calls/{callId}', null],
  ['get', '/calls/{callId}/trace', traceSchema],
  ['get', '/calls/{callId}/trace.txt', null],
  ['get', '/calls/{callId}/trace.pcapng', null],
  ['get', '/calls/{callId}/findings', findingListSchema],
  ['get', '/registrations', registrationListSchema],
  ['delete', '/registrations/{name}', null],
  ['get', '/users', userListSchema],
  ['post', '/users', userSchema, { name: 'bob', password: 'long enough' }],
  ['get', '/users/{name}', userSchema],
  ['put', '/users/{name}', userSchema, { callerId: null }],
  ['delete', '/users/{name}', null],
  ['get', '/trunks', trunkListSchema],
  ['get', '/trunks/{name}', trunkSchema],
  ['post', '/trunks/{name}/enable', trunkSchema],
  ['post', '/trunks/{name}/disable', trunkSchema],
  ['post', '/trunks/{name}/test', trunkTestSchema],
  ['get', '/records', recordPageSchema],
  ['get', '/records.csv', null],
  ['get', '/records/{callId}', recordSchema],
  ['get', '/events', null],
  ['get', '/webhooks', webhookListSchema],
  ['post', '/webhooks', webhookSchema, { url: 'https://example.com', secret: 'sixteen characters' }],
  ['delete', '/webhooks/{id}', null],
  ['get', '/node', nodeSchema],
  ['get', '/configuration', null],
  ['post', '/drain', drainingSchema, {}],
  ['get', '/session', sessionSchema],
];

describe('the description', () => {
  test('names every operation once, with its role and the problems that it may answer with', async () => {
    const { openapi, paths, components } = await described();
    expect(openapi).toBe('3.1.0');
    expect(components.securitySchemes).toMatchObject({ token: { type: 'http', scheme: 'bearer' } });
    const listed = Object.entries(paths).flatMap(([path, item]) => Object.keys(item).map((method) => `${method} ${path}`));
    expect(listed.sort()).toEqual(operations.map(([method, path]) => `${method} ${path}`).sort());
    for (const item of Object.values(paths)) {
      for (const operation of Object.values(item)) {
        expect(operation.summary).toMatch(/^[A-Z]/);
        expect(['read', 'operate', 'admin']).toContain(operation['x-role']);
        expect(operation.security).toEqual([{ token: [] }]);
        expect(operation.responses['401']?.content).toHaveProperty(['application/problem+json']);
      }
    }
  });

  test('refers to no schema that it does not hold', async () => {
    const description = await described();
    const names = [...JSON.stringify(description).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name ?? '');
    expect(names.length).toBeGreaterThan(30);
    expect(names.filter((name) => !(name in description.components.schemas))).toEqual([]);
  });

  test('is a page, without anything from elsewhere', async () => {
    const response = await ask('/docs');
    const page = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    for (const [, path] of operations) expect(page).toContain(`<code>${path}</code>`);
    expect(page).not.toMatch(/<script|style="|https?:\/\/(?!localhost)/);
    expect((await ask('/docs.css')).headers.get('content-type')).toContain('text/css');
  });
});

describe('every answer fits its schema', () => {
  test.each(operations.flatMap(([method, path, schema, body]) => (schema ? [{ method, path, schema, body }] : [])))(
    '$method $path',
    async ({ method, path: template, schema, body }) => {
      const path = template.replace('{callId}', 'c1').replace('{name}', 'alice');
      const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
      const response = await ask(path, { method: method.toUpperCase(), ...content });
      expect(response.ok).toBe(true);
      expect(response.headers.get('cache-control')).toBe('no-store');
      const answer: unknown = await response.json();
      // Nothing more than the schema says either: what it does not know it leaves out.
      expect(schema.parse(answer)).toEqual(answer);
    },
  );
});

test('what is not JSON says what it is', async () => {
  const typeOf = async (path: string) => (await ask(path)).headers.get('content-type');
  expect(await typeOf('/records.csv')).toBe('text/csv; charset=utf-8');
  expect(await typeOf('/calls/c1/trace.txt')).toContain('text/plain');
  expect(await typeOf('/calls/c1/trace.pcapng')).toBe('application/x-pcapng');
  expect(await (await ask('/records.csv')).text()).toBe('a,b\r\n1,2\r\n');
});
