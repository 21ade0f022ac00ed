/** `/users`: who may register and call. Those of the configuration are shown, and changed there. */

import { createRoute } from '@hono/zod-openapi';
import type { UserControl } from '../gateway-control.ts';
import { newUserSchema, userChangeSchema, userListSchema, userSchema } from '../resources/users.ts';
import { type ApiRoutes, apiRoutes, body, guarded, json, noContent, problems, userParams } from './operation.ts';

const list = createRoute({
  ...guarded('Users', 'read'),
  method: 'get',
  path: '/users',
  summary: 'All users',
  responses: { 200: json(userListSchema, 'All of them, by name.'), ...problems() },
});

const create = createRoute({
  ...guarded('Users', 'admin'),
  method: 'post',
  path: '/users',
  summary: 'Create a user',
  request: { body: body(newUserSchema) },
  responses: { 201: json(userSchema, 'The user.'), ...problems(409, 413, 415, 501) },
});

const one = createRoute({
  ...guarded('Users', 'read'),
  method: 'get',
  path: '/users/{name}',
  summary: 'One user',
  request: { params: userParams },
  responses: { 200: json(userSchema, 'The user.'), ...problems(404) },
});

const change = createRoute({
  ...guarded('Users', 'admin'),
  method: 'put',
  path: '/users/{name}',
  summary: 'Change a user; what is left out stays as it is',
  request: { params: userParams, body: body(userChangeSchema) },
  responses: { 200: json(userSchema, 'The user as it is now.'), ...problems(404, 409, 413, 415, 501) },
});

const remove = createRoute({
  ...guarded('Users', 'admin'),
  method: 'delete',
  path: '/users/{name}',
  summary: 'Remove a user and its registrations; running calls go on',
  request: { params: userParams },
  responses: { 204: noContent, ...problems(404, 409, 501) },
});

export function userRoutes(users: UserControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, (context) => context.json({ users: users.all() }, 200));
  routes.openapi(create, async (context) => context.json(await users.create(context.req.valid('json')), 201));
  routes.openapi(one, (context) => context.json(users.one(context.req.valid('param').name), 200));
  routes.openapi(change, async (context) => {
    return context.json(await users.change(context.req.valid('param').name, context.req.valid('json')), 200);
  });
  routes.openapi(remove, async (context) => {
    await users.remove(context.req.valid('param').name);
    return context.body(null, 204);
  });
  return routes;
}
