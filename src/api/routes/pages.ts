/** The pages of dist/web, read once at start: what is not among them does not exist, whatever the path says. */

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { Hono } from 'hono';
import { type ApiEnvironment, localOnly } from '../local-only.ts';

interface Page {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** The bundler puts a hash of the content into the names of assets. */
  readonly immutable: boolean;
}

const types = new Map([
  ['.html', 'text/html; charset=utf-8'],
  ['.js', 'text/javascript; charset=utf-8'],
  ['.css', 'text/css; charset=utf-8'],
  ['.svg', 'image/svg+xml'],
  ['.png', 'image/png'],
  ['.ico', 'image/x-icon'],
  ['.json', 'application/json'],
  ['.webmanifest', 'application/manifest+json'],
  ['.woff2', 'font/woff2'],
  ['.wav', 'audio/wav'],
]);

const immutableHeader = 'public, max-age=31536000, immutable';

/** Throws when the folder is not there: the pages come into being with `npm run build`. */
export function pageRoutes(folder: string, softphone: object | null): Hono<ApiEnvironment> {
  const pages = readPages(folder);
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', (context) => context.redirect('/phone'));
  if (softphone !== null) routes.use('/phone/config.json', localOnly); // it holds a password
  routes.get('/phone/config.json', (context) => context.json(softphone, 200, { 'Cache-Control': 'no-store' }));
  routes.get('*', (context, next) => {
    const page = pages.get(context.req.path) ?? pages.get(join(context.req.path, 'index.html'));
    if (!page) return next();
    const headers = { 'Content-Type': page.type, 'Cache-Control': page.immutable ? immutableHeader : 'no-cache' };
    return Promise.resolve(context.body(page.bytes, 200, headers));
  });
  return routes;
}

/** By URL path. Source maps and unknown kinds of files stay on the disk. */
function readPages(folder: string): Map<string, Page> {
  const pages = new Map<string, Page>();
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const type = types.get(extname(entry));
    if (type === undefined) continue;
    const path = `/${entry.replaceAll('\\', '/')}`;
    pages.set(path, { bytes: new Uint8Array(readFileSync(join(folder, entry))), type, immutable: path.startsWith('/assets/') });
  }
  return pages;
}
