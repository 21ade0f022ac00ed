/** `/events`: what happens, as it happens. */

import { createRoute } from '@hono/zod-openapi';
import { z } from 'zod';
import { FilterError } from '../../events/event-filter.ts';
import type { EventStreams } from '../event-stream.ts';
import { ApiProblem } from '../problem.ts';
import { eventSchema } from '../resources/events.ts';
import { type ApiRoutes, apiRoutes, guarded, problems } from './operation.ts';

const stream = createRoute({
  ...guarded('Events', 'read'),
  method: 'get',
  path: '/events',
  summary: 'Server-sent events; with Last-Event-ID first what was missed',
  description:
    'Each has `id`, `event` (its name) and `data` (an Event). A filter is a list such as `call.ended where trunk=carrier, trunk.*`.',
  request: {
    query: z.strictObject({ filter: z.string().max(1000).default('') }),
    headers: z.object({ 'last-event-id': z.string().max(100).exactOptional() }),
  },
  responses: {
    200: {
      description: 'Events until one side hangs up; the data of each is one of these.',
      content: { 'text/event-stream': { schema: eventSchema } },
    },
    ...problems(503),
  },
});

const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };

export function eventRoutes(streams: EventStreams): ApiRoutes {
  const routes = apiRoutes();
  routes.openapi(stream, (context) => {
    const { filter } = context.req.valid('query');
    const lastId = context.req.valid('header')['last-event-id'] ?? null;
    return context.body(
      opened(streams, filter, lastId, () => context.env.incoming.socket.destroy()),
      200,
      headers,
    );
  });
  return routes;
}

function opened(streams: EventStreams, filter: string, lastId: string | null, cut: () => void): ReadableStream<Uint8Array> {
  try {
    return streams.open(filter, lastId, cut);
  } catch (error) {
    if (error instanceof FilterError) throw new ApiProblem(400, `filter: ${error.message}`);
    throw error;
  }
}
