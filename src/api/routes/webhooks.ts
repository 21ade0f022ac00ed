/** `/webhooks`: who is told of events by HTTP. */

import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import type { WebhookControl } from '../gateway-control.ts';
import { newWebhookSchema, webhookListSchema, webhookSchema } from '../resources/webhooks.ts';
import { type ApiRoutes, apiRoutes, body, guarded, json, noContent, problems } from './operation.ts';

const list = createRoute({
  ...guarded('Webhooks', 'admin'),
  method: 'get',
  path: '/webhooks',
  summary: 'All webhooks and how their deliveries go',
  responses: { 200: json(webhookListSchema, 'All of them, without secrets.'), ...problems() },
});

const add = createRoute({
  ...guarded('Webhooks', 'admin'),
  method: 'post',
  path: '/webhooks',
  summary: 'Have events posted to a URL',
  request: { body: body(newWebhookSchema) },
  responses: { 201: json(webhookSchema, 'The webhook.'), ...problems(409, 413, 415) },
});

const remove = createRoute({
  ...guarded('Webhooks', 'admin'),
  method: 'delete',
  path: '/webhooks/{id}',
  summary: 'Remove a webhook that was added here',
  request: { params: z.object({ id: z.string().max(64) }) },
  responses: { 204: noContent, ...problems(404, 409) },
});

export function webhookRoutes(webhooks: WebhookControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, (context) => context.json({ webhooks: webhooks.all() }, 200));
  routes.openapi(add, async (context) => context.json(await webhooks.add(context.req.valid('json')), 201));
  routes.openapi(remove, async (context) => {
    await webhooks.remove(context.req.valid('param').id);
    return context.body(null, 204);
  });
  return routes;
}
