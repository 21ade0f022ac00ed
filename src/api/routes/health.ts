/** `GET /healthz`: for load balancers and supervisors, on every listener. Says no more than they need. */

import { Hono } from 'hono';
import type { NodeControl } from '../gateway-control.ts';
import type { ApiEnvironment } from '../local-only.ts';

export function healthRoutes(node: NodeControl): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/healthz', (context) => {
    const { state } = node;
    return context.json({ status: state }, state === 'ready' ? 200 : 503);
  });
  return routes;
}
