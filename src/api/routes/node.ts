/** `/node`, `/configuration`, `/drain`, `/session`: this process, and who asks. */

import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { NodeControl } from '../gateway-control.ts';
import { drainingSchema, drainOrderSchema, nodeSchema, sessionSchema } from '../resources/node.ts';
import { type ApiRoutes, apiRoutes, body, guarded, json, problems } from './operation.ts';

const describe = createRoute({
  ...guarded('Node', 'read'),
  method: 'get',
  path: '/node',
  summary: 'Threads, ports, memory, version',
  responses: { 200: json(nodeSchema, 'This process now.'), ...problems() },
});

const configuration = createRoute({
  ...guarded('Node', 'read'),
  method: 'get',
  path: '/configuration',
  summary: 'The configuration in force, secrets hidden',
  responses: { 200: json(z.record(z.string(), z.unknown()), 'As in docs/configuration.md.'), ...problems() },
});

const drain = createRoute({
  ...guarded('Node', 'operate'),
  method: 'post',
  path: '/drain',
  summary: 'Take no more calls; end those that still run at the deadline',
  request: { body: body(drainOrderSchema) },
  responses: { 202: json(drainingSchema, 'It has begun.'), ...problems(413, 415) },
});

const session = createRoute({
  ...guarded('Node', 'read'),
  method: 'get',
  path: '/session',
  summary: 'Who am I',
  responses: { 200: json(sessionSchema, 'The role of the token, or of this machine.'), ...problems() },
});

export function nodeRoutes(node: NodeControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(describe, (context) => context.json(node.describe(), 200));
  routes.openapi(configuration, (context) => context.json(node.configuration(), 200));
  routes.openapi(drain, (context) => context.json(node.drain(context.req.valid('json').deadlineSec), 202));
  routes.openapi(session, (context) => context.json(context.get('session'), 200));
  return routes;
}
