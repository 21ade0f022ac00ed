/** The HTTP application: health on every listener, the API for this machine, the pages where they are wanted. */

import { Hono } from 'hono';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { GatewayControl } from './gateway-control.ts';
import { type ApiEnvironment, localOnly } from './local-only.ts';
import { callRoutes } from './routes/calls.ts';
import { healthRoutes } from './routes/health.ts';
import { pageRoutes } from './routes/pages.ts';

export interface AppOptions {
  readonly control: GatewayControl;
  /** Folder of the built pages; null serves none. */
  readonly pages: string | null;
  /** What the softphone page finds at /phone/config.json: the demo's user and numbers; null: the page asks its user. */
  readonly softphone: object | null;
  readonly log: Log;
}

/** Pages load their own scripts only, are framed by nobody, and may use the microphone. */
const securityHeaders: readonly [string, string][] = [
  [
    'Content-Security-Policy',
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data:; media-src 'self' blob: mediastream:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  ],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
  ['Permissions-Policy', 'microphone=(self), camera=(), geolocation=()'],
  ['Referrer-Policy', 'no-referrer'],
  ['X-Content-Type-Options', 'nosniff'],
];

export function createApp({ control, pages, softphone, log }: AppOptions): Hono<ApiEnvironment> {
  const app = new Hono<ApiEnvironment>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of securityHeaders) context.header(name, value);
  });
  app.route('/', healthRoutes(control));
  app.use('/api/*', localOnly);
  app.route('/api/v1', callRoutes(control));
  if (pages !== null) app.route('/', pageRoutes(pages, softphone));
  app.notFound((context) => context.json({ error: 'not found' }, 404));
  app.onError((error, context) => {
    log.error({ path: context.req.path, error: errorText(error) }, 'HTTP request not handled');
    return context.json({ error: 'internal error' }, 500);
  });
  return app;
}
