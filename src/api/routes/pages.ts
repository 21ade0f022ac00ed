/** The pages of dist/web, read once at start: what is not among them does not exist, whatever the path says. */

import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { type Context, Hono } from 'hono';
import type { Access } from '../access.ts';
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

export interface PagesOptions {
  /** Where they were built. */
  readonly folder: string;
  /** At /, for whoever may use the API. */
  readonly dashboard: boolean;
  /** At /phone, for everybody. */
  readonly phone: boolean;
  /** The file of `offhook/phone`: at /phone/offhook-phone.js beside that page, for pages of any origin. */
  readonly phoneModule?: string;
}

const dashboardFile = '/dashboard/index.html';

/** Throws when the folder is not there: the pages come into being with `npm run build`. */
export function pageRoutes(options: PagesOptions, softphone: object | null, access: Access): Hono<ApiEnvironment> {
  const { folder, dashboard, phone, phoneModule } = options;
  const pages = readPages(folder);
  const front = dashboard ? pages.get(dashboardFile) : undefined;
  const routes = new Hono<ApiEnvironment>();
  routes.get('/', async (context, next) => {
    if (front && (await access.admits(context.env.incoming))) return answer(context, front);
    return phone ? context.redirect('/phone') : next();
  });
  if (phone) {
    if (phoneModule !== undefined) serveModule(routes, readFileSync(phoneModule));
    if (softphone !== null) routes.use('/phone/config.json', localOnly); // it holds a password
    routes.get('/phone/config.json', (context) => context.json(softphone, 200, { 'Cache-Control': 'no-store' }));
  }
  routes.get('*', (context, next) => {
    const { path } = context.req;
    if (isOf('/dashboard', path) || (!phone && isOf('/phone', path))) return next();
    const page = pages.get(path) ?? pages.get(`${path}${path.endsWith('/') ? '' : '/'}index.html`);
    return page ? answer(context, page) : next();
  });
  return routes;
}

/** It holds no secret, and scripts of type module are fetched under the rules of CORS. */
function serveModule(routes: Hono<ApiEnvironment>, file: Uint8Array): void {
  const module: Page = { bytes: new Uint8Array(file), type: 'text/javascript; charset=utf-8', immutable: false };
  routes.get('/phone/offhook-phone.js', (context) => {
    context.header('Access-Control-Allow-Origin', '*');
    return answer(context, module);
  });
}

function isOf(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

async function answer(context: Context<ApiEnvironment>, { bytes, type, immutable }: Page): Promise<Response> {
  return context.body(bytes, 200, { 'Content-Type': type, 'Cache-Control': immutable ? immutableHeader : 'no-cache' });
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
