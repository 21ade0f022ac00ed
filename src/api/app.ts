/** The HTTP application: health on every listener, the API for this machine, the pages where they are wanted. */

import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { Log } from '../base/log.ts';
import { needs } from './access.ts';
import { type ApiOptions, createApi } from './api.ts';
import type { ApiEnvironment } from './local-only.ts';
import { ApiProblem, answerProblem, notFound } from './problem.ts';
import { healthRoutes } from './routes/health.ts';
import { type MetricsPage, metricsRoutes } from './routes/metrics.ts';
import { type PagesOptions, pageRoutes } from './routes/pages.ts';

export interface AppOptions extends ApiOptions {
  /** null: there is no /metrics. */
  readonly metrics: MetricsPage | null;
  /** null: there are none. */
  readonly pages: PagesOptions | null;
  /** What the softphone page finds at /phone/config.json: the demo's user and numbers; null: the page asks its user. */
  readonly softphone: object | null;
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

export function createApp(options: AppOptions): Hono<ApiEnvironment> {
  const { control, access, metrics, pages, softphone, log } = options;
  const app = new Hono<ApiEnvironment>();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of securityHeaders) context.header(name, value);
    // A HEAD is answered as a GET whose body nobody will read: one that goes on by itself must end here.
    if (context.req.method === 'HEAD') await context.res.body?.cancel();
  });
  app.route('/', healthRoutes(control.node));
  app.route('/api/v1', createApi(options));
  app.use('/metrics', access.admit, access.identify, needs('read'));
  if (metrics !== null) app.route('/', metricsRoutes(metrics));
  if (pages !== null) app.route('/', pageRoutes(pages, softphone, access));
  app.notFound(() => answerProblem(notFound('such page')));
  app.onError((error, { req }) => answerProblem(problemOf(error, req.path, log)));
  return app;
}

function problemOf(error: Error, path: string, log: Log): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof HTTPException) return new ApiProblem(error.status, error.message);
  log.error({ path, err: error }, 'HTTP request not handled');
  return new ApiProblem(500, 'internal error');
}
