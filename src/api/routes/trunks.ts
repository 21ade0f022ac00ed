/** `/trunks`: the ways to the telephone network. */

import { createRoute } from '@hono/zod-openapi';
import type { TrunkControl } from '../gateway-control.ts';
import { trunkListSchema, trunkSchema, trunkTestSchema } from '../resources/trunks.ts';
import { type ApiRoutes, apiRoutes, guarded, json, problems, trunkParams } from './operation.ts';

const list = createRoute({
  ...guarded('Trunks', 'read'),
  method: 'get',
  path: '/trunks',
  summary: 'All trunks with their state',
  responses: { 200: json(trunkListSchema, 'All of them.'), ...problems() },
});

const one = createRoute({
  ...guarded('Trunks', 'read'),
  method: 'get',
  path: '/trunks/{name}',
  summary: 'One trunk',
  request: { params: trunkParams },
  responses: { 200: json(trunkSchema, 'The trunk.'), ...problems(404) },
});

const enable = createRoute({
  ...guarded('Trunks', 'operate'),
  method: 'post',
  path: '/trunks/{name}/enable',
  summary: 'Use the trunk again',
  request: { params: trunkParams },
  responses: { 200: json(trunkSchema, 'The trunk as it is now.'), ...problems(404) },
});

const disable = createRoute({
  ...guarded('Trunks', 'operate'),
  method: 'post',
  path: '/trunks/{name}/disable',
  summary: 'Take the trunk out of use: no new calls in either direction, running ones go on',
  request: { params: trunkParams },
  responses: { 200: json(trunkSchema, 'The trunk as it is now.'), ...problems(404) },
});

const test = createRoute({
  ...guarded('Trunks', 'operate'),
  method: 'post',
  path: '/trunks/{name}/test',
  summary: 'Send OPTIONS to the trunk and say what came back',
  request: { params: trunkParams },
  responses: { 200: json(trunkTestSchema, 'What came back, also when it was nothing.'), ...problems(404) },
});

export function trunkRoutes(trunks: TrunkControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, (context) => context.json({ trunks: trunks.all() }, 200));
  routes.openapi(one, (context) => context.json(trunks.one(context.req.valid('param').name), 200));
  routes.openapi(enable, async (context) => context.json(await trunks.setEnabled(context.req.valid('param').name, true), 200));
  routes.openapi(disable, async (context) => context.json(await trunks.setEnabled(context.req.valid('param').name, false), 200));
  routes.openapi(test, async (context) => context.json(await trunks.test(context.req.valid('param').name), 200));
  return routes;
}
