/** `/api/v1`: its operations, its description (OpenAPI 3.1) made from them, and a page that shows it. */

import { OpenAPIHono } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Access } from './access.ts';
import { methodsOf } from './allowed-methods.ts';
import { docsStyle, renderDocs } from './docs-page.ts';
import { EventStreams } from './event-stream.ts';
import type { GatewayControl } from './gateway-control.ts';
import type { ApiEnvironment } from './local-only.ts';
import { ApiProblem, notFound } from './problem.ts';
import { callRoutes } from './routes/calls.ts';
import { eventRoutes } from './routes/events.ts';
import { nodeRoutes } from './routes/node.ts';
import { recordRoutes } from './routes/records.ts';
import { registrationRoutes } from './routes/registrations.ts';
import { trunkRoutes } from './routes/trunks.ts';
import { userRoutes } from './routes/users.ts';
import { webhookRoutes } from './routes/webhooks.ts';

export interface ApiOptions {
  readonly control: GatewayControl;
  readonly access: Access;
  readonly clock: Pick<Clock, 'after'>;
  /** Of the program. */
  readonly version: string;
  readonly log: Log;
}

export type ApiDescription = ReturnType<OpenAPIHono['getOpenAPI31Document']>;

const mostBodyBytes = 64 * 1024;
const bearer = { type: 'http', scheme: 'bearer', description: 'A token made by `offhook token`.' } as const;

/** Who sends a body says its length before: nothing needs to be counted while it comes (RFC 9110 section 15.5.12). */
const boundedBody = createMiddleware<ApiEnvironment>(async ({ req }, next) => {
  if (req.header('Transfer-Encoding') !== undefined) throw new ApiProblem(411, 'a body needs a Content-Length');
  if (Number(req.header('Content-Length') ?? 0) > mostBodyBytes) throw new ApiProblem(413, `a request may have ${mostBodyBytes} bytes`);
  await next();
});

export function createApi({ control, access, clock, version, log }: ApiOptions): OpenAPIHono<ApiEnvironment> {
  const api = new OpenAPIHono<ApiEnvironment>();
  api.use(access.admit, async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });
  // What the API can do is no secret, and a browser that follows a link has no token to show.
  let known: ApiDescription | null = null;
  const description = (): ApiDescription => {
    known ??= describe(api, version);
    return known;
  };
  api.get('/openapi.json', (context) => context.json(description()));
  api.get('/docs', (context) => context.html(renderDocs(description())));
  api.get('/docs.css', (context) => context.body(docsStyle, 200, { 'Content-Type': 'text/css; charset=utf-8' }));
  api.use(access.identify);
  api.use(boundedBody);
  const streams = new EventStreams(control.events, clock);
  const nouns = [
    callRoutes(control.calls, control.traces),
    registrationRoutes(control.registrations),
    userRoutes(control.users),
    trunkRoutes(control.trunks),
    recordRoutes(control.records, log),
    eventRoutes(streams),
    webhookRoutes(control.webhooks),
    nodeRoutes(control.node),
  ];
  for (const routes of nouns) api.route('/', routes);
  api.openAPIRegistry.registerComponent('securitySchemes', 'token', bearer);
  api.all('*', (context) => {
    const path = context.req.path.slice('/api/v1'.length);
    const allowed = methodsOf(description(), path);
    if (allowed.length === 0) throw notFound(`${context.req.path} here; see /api/v1/docs`);
    throw new ApiProblem(405, `${path} takes ${allowed.join(', ')}`, { headers: { Allow: allowed.join(', ') } });
  });
  return api;
}

function describe(api: OpenAPIHono<ApiEnvironment>, version: string): ApiDescription {
  return api.getOpenAPI31Document({
    openapi: '3.1.0',
    info: {
      title: 'offhook',
      version,
      description:
        'Sees and runs a gateway. Times are milliseconds since the Unix epoch. Errors are problem details (RFC 9457). Roles: read < operate < admin; as long as there are no tokens, this machine alone may ask, and may do everything.',
    },
    servers: [{ url: '/api/v1' }],
  });
}
