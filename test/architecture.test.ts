/** The layer table: which folder of src/ may import which. Imports point one way. */

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, test } from 'vitest';

const src = new URL('../src', import.meta.url).pathname;

/** layer -> layers (or single files) that it may import, besides itself. */
const layers: Record<string, readonly string[]> = {
  base: [],
  native: ['base'],
  rtp: ['base'],
  stun: ['base'],
  sdp: ['base'],
  srtp: ['base', 'rtp', 'native'],
  ice: ['base', 'stun'],
  dtls: ['base', 'native'],
  'sip/message': ['base'],
  'sip/transport': ['base', 'sip/message'],
  sip: ['base', 'sip/message'],
  relay: ['base', 'native', 'rtp', 'srtp', 'stun', 'ice', 'dtls', 'events'],
  events: ['base'],
  location: ['base', 'events'],
  registrar: ['base', 'sip', 'sip/message', 'events', 'location'],
  trunk: ['base', 'sip', 'sip/message', 'events'],
  call: ['base', 'sip', 'sip/message', 'sdp', 'trunk', 'location', 'events', 'relay/media-relay.ts'],
  trace: ['base', 'events', 'sip/message', 'sdp'],
  hep: ['base', 'events', 'sip/message', 'trace'],
  explain: ['base', 'events', 'trace', 'sdp', 'sip/message'],
  store: ['base'],
  records: ['base', 'events', 'store'],
  accounts: ['base', 'sip/message', 'store'],
  carrier: ['base', 'sip', 'sip/message', 'sip/transport', 'sdp', 'rtp'],
  metrics: ['base', 'events'],
  config: ['base', 'events'],
  webhooks: ['base', 'events'],
  'api/resources': ['base', 'events'],
  api: ['base', 'events', 'config', 'api/resources'],
  control: ['*'],
  cli: ['base', 'events', 'config', 'sdp', 'api/resources'],
  web: [],
  'signalling.ts': ['*'],
  'observation.ts': ['*'],
  'operation.ts': ['*'],
  'persistence.ts': ['*'],
  'gateway.ts': ['*'],
  'main.ts': ['*'],
  'process.ts': ['*'],
  'index.ts': ['*'],
};

/** Modules of Node and of npm that only some layers may touch. */
const edges: Record<string, readonly string[]> = {
  koffi: ['native'],
  'node:dgram': ['sip/transport', 'relay', 'carrier', 'cli', 'hep'],
  'node:net': ['base', 'sip/transport', 'api', 'cli'],
  'node:tls': ['sip/transport', 'api', 'cli'],
  'node:dns': ['sip/transport', 'cli'],
  'node:dns/promises': ['sip/transport', 'cli'],
  'node:http': ['api', 'sip/transport', 'cli'],
  'node:https': ['api', 'cli'],
  'node:worker_threads': ['relay', 'store'],
  libsql: ['store'],
  ws: ['sip/transport'],
  werift: ['dtls'],
  pino: ['base'],
  hono: ['api'],
  'prom-client': ['metrics'],
  zod: ['config', 'api', 'api/resources'],
};

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return /\.tsx?$/.test(entry.name) ? [path] : [];
  });
}

function layerOf(path: string): string {
  const name = relative(src, path);
  const two = name.split('/').slice(0, 2).join('/');
  if (two in layers) return two;
  return name.split('/')[0] ?? '';
}

function importsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [
    ...text.matchAll(
      /^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm,
    ),
  ].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

const sources = files(src).filter((path) => layerOf(path) !== 'web');

test('every file stands in a layer of the table', () => {
  expect(sources.map(layerOf).filter((layer) => !(layer in layers))).toEqual([]);
});

test('imports follow the layer table', () => {
  const breaches: string[] = [];
  for (const path of sources) {
    const from = layerOf(path);
    const allowed = layers[from] ?? [];
    for (const specifier of importsOf(path)) {
      if (!specifier.startsWith('.')) continue;
      const target = join(dirname(path), specifier);
      const to = layerOf(target);
      const permitted = to === from || allowed.includes('*') || allowed.includes(to) || allowed.includes(relative(src, target));
      if (!permitted) breaches.push(`${relative(src, path)} imports ${relative(src, target)}`);
    }
  }
  expect(breaches).toEqual([]);
});

test('sockets, threads, FFI and drivers are imported only where the table allows', () => {
  const breaches: string[] = [];
  for (const path of sources) {
    for (const specifier of importsOf(path)) {
      const owners = edges[specifier];
      if (owners && !owners.includes(layerOf(path))) breaches.push(`${relative(src, path)} imports ${specifier}`);
    }
  }
  expect(breaches).toEqual([]);
});

test('nobody imports the composition root but its own files', () => {
  const roots = ['signalling.ts', 'gateway.ts', 'main.ts', 'process.ts', 'index.ts', 'persistence.ts', 'observation.ts', 'operation.ts'];
  const breaches = sources.filter(
    (path) =>
      !roots.includes(relative(src, path)) &&
      importsOf(path).some((specifier) => specifier.startsWith('.') && roots.includes(relative(src, join(dirname(path), specifier)))),
  );
  expect(breaches.map((path) => relative(src, path))).toEqual([]);
});
