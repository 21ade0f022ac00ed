/** `/records`: the calls that have ended. */

import { createRoute } from '@hono/zod-openapi';
import { stream } from 'hono/streaming';
import type { RecordControl } from '../gateway-control.ts';
import { recordFilterSchema, recordPageSchema, recordQuerySchema, recordSchema } from '../resources.ts';
import { type ApiRoutes, apiRoutes, callParams, file, guarded, json, problems } from './operation.ts';

const list = createRoute({
  ...guarded('Records', 'read'),
  method: 'get',
  path: '/records',
  summary: 'Call records, the latest first, page by page',
  request: { query: recordQuerySchema },
  responses: { 200: json(recordPageSchema, 'One page.'), ...problems(501) },
});

const csv = createRoute({
  ...guarded('Records', 'read'),
  method: 'get',
  path: '/records.csv',
  summary: 'Call records for spreadsheets',
  request: { query: recordFilterSchema },
  responses: { 200: file('text/csv', 'All that match, the heading first.'), ...problems(501) },
});

const one = createRoute({
  ...guarded('Records', 'read'),
  method: 'get',
  path: '/records/{callId}',
  summary: 'One call record',
  request: { params: callParams },
  responses: { 200: json(recordSchema, 'The record.'), ...problems(404, 501) },
});

export function recordRoutes(records: RecordControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, async (context) => context.json(await records.find(context.req.valid('query')), 200));
  routes.openapi(csv, (context) => {
    const lines = records.csv(context.req.valid('query'));
    context.header('Content-Type', 'text/csv; charset=utf-8');
    context.header('Content-Disposition', 'attachment; filename="records.csv"');
    return stream(context, async (out) => {
      for await (const text of lines) await out.write(text);
    });
  });
  routes.openapi(one, async (context) => context.json(await records.one(context.req.valid('param').callId), 200));
  return routes;
}
