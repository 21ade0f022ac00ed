/** `/registrations`: the browsers that can be reached. */

import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { RegistrationControl } from '../gateway-control.ts';
import { registrationListSchema } from '../resources/registrations.ts';
import { type ApiRoutes, apiRoutes, guarded, json, noContent, problems, userParams } from './operation.ts';

const list = createRoute({
  ...guarded('Registrations', 'read'),
  method: 'get',
  path: '/registrations',
  summary: 'Registered browsers',
  responses: { 200: json(registrationListSchema, 'All of them.'), ...problems() },
});

const remove = createRoute({
  ...guarded('Registrations', 'operate'),
  method: 'delete',
  path: '/registrations/{name}',
  summary: 'Remove one contact of a user, or all of them; the browser may register again',
  request: { params: userParams, query: z.strictObject({ contact: z.string().min(1).max(1000).exactOptional() }) },
  responses: { 204: noContent, ...problems(404) },
});

export function registrationRoutes(registrations: RegistrationControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, (context) => context.json({ registrations: registrations.all() }, 200));
  routes.openapi(remove, (context) => {
    registrations.remove(context.req.valid('param').name, context.req.valid('query').contact ?? null);
    return context.body(null, 204);
  });
  return routes;
}
