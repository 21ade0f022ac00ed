/** `GET /api/v1/calls`: the calls that are running. */

import { Hono } from 'hono';
import type { GatewayControl } from '../gateway-control.ts';
import type { ApiEnvironment } from '../local-only.ts';

export function callRoutes(control: GatewayControl): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/calls', (context) => context.json({ calls: control.calls() }));
  return routes;
}
