/** `/calls`: running calls, and what is known of those that ended a while ago. */

import { createRoute } from '@hono/zod-openapi';
import type { CallControl, TraceControl } from '../gateway-control.ts';
import { callDetailSchema, callListSchema, callOrderSchema, placedCallSchema } from '../resources/calls.ts';
import { findingListSchema } from '../resources/findings.ts';
import { traceSchema } from '../resources/traces.ts';
import { type ApiRoutes, apiRoutes, body, callParams, file, guarded, json, noContent, problems } from './operation.ts';

const list = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls',
  summary: 'The calls that are running',
  responses: { 200: json(callListSchema, 'All of them.'), ...problems() },
});

const place = createRoute({
  ...guarded('Calls', 'operate'),
  method: 'post',
  path: '/calls',
  summary: 'Place a call: the user’s browsers ring, then the number is dialled',
  request: { body: body(callOrderSchema) },
  responses: { 202: json(placedCallSchema, 'The browsers ring.'), ...problems(404, 409, 413, 415, 503) },
});

const one = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls/{callId}',
  summary: 'One running call, with its quality',
  request: { params: callParams },
  responses: { 200: json(callDetailSchema, 'The call.'), ...problems(404) },
});

const hangUp = createRoute({
  ...guarded('Calls', 'operate'),
  method: 'delete',
  path: '/calls/{callId}',
  summary: 'Hang up',
  request: { params: callParams },
  responses: { 204: noContent, ...problems(404) },
});

const trace = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls/{callId}/trace',
  summary: 'The SIP messages, media milestones and quality of a call',
  request: { params: callParams },
  responses: { 200: json(traceSchema, 'The trace.'), ...problems(404, 501) },
});

const traceText = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls/{callId}/trace.txt',
  summary: 'The trace for people',
  request: { params: callParams },
  responses: { 200: file('text/plain', 'The trace.'), ...problems(404, 501) },
});

const tracePcapng = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls/{callId}/trace.pcapng',
  summary: 'The SIP messages for Wireshark',
  request: { params: callParams },
  responses: { 200: file('application/x-pcapng', 'The capture.'), ...problems(404, 501) },
});

const findings = createRoute({
  ...guarded('Calls', 'read'),
  method: 'get',
  path: '/calls/{callId}/findings',
  summary: 'What is wrong with a call, in plain words',
  request: { params: callParams },
  responses: { 200: json(findingListSchema, 'The most severe first.'), ...problems(404, 501) },
});

export function callRoutes(calls: CallControl, traces: TraceControl): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(list, (context) => context.json({ calls: calls.running() }, 200));
  routes.openapi(place, (context) => context.json(calls.place(context.req.valid('json')), 202));
  routes.openapi(one, (context) => context.json(calls.one(context.req.valid('param').callId), 200));
  routes.openapi(hangUp, (context) => {
    calls.hangUp(context.req.valid('param').callId);
    return context.body(null, 204);
  });
  routes.openapi(trace, (context) => context.json(traces.trace(context.req.valid('param').callId), 200));
  routes.openapi(traceText, (context) => context.text(traces.text(context.req.valid('param').callId), 200));
  routes.openapi(tracePcapng, (context) => {
    const { callId } = context.req.valid('param');
    const headers = { 'Content-Type': 'application/x-pcapng', 'Content-Disposition': `attachment; filename="${callId}.pcapng"` };
    return context.body(traces.pcapng(callId), 200, headers);
  });
  routes.openapi(findings, (context) => context.json({ findings: traces.findings(context.req.valid('param').callId) }, 200));
  return routes;
}
