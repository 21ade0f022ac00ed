/** `/records`: the calls that have ended. */

import { createRoute } from '@hono/zod-openapi';
import type { Log } from '../../base/log.ts';
import type { RecordControl } from '../gateway-control.ts';
import { recordFilterSchema, recordPageSchema, recordQuerySchema, recordSchema } from '../resources/records.ts';
import { textBody } from '../text-body.ts';
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

const csvHeaders = { 'Content-Type': 'text/csv; charset=utf-8', 'Content-Disposition': 'attachment; filename="records.csv"' };

export function recordRoutes(records: RecordControl, log: Log): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, async (context) => context.json(await records.find(context.req.valid('query')), 200));
  routes.openapi(csv, (context) => {
    const lines = textBody(records.csv(context.req.valid('query')), (error) => {
      log.error({ err: error }, 'records cut short');
      context.env.incoming.socket.destroy();
    });
    return context.body(lines, 200, csvHeaders);
  });
  routes.openapi(one, async (context) => context.json(await records.one(context.req.valid('param').callId), 200));
  return routes;
}
