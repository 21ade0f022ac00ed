/** `GET /metrics`: for Prometheus. */

import { Hono } from 'hono';
import type { ApiEnvironment } from '../local-only.ts';

export interface MetricsPage {
  /** Of what `render` gives. */
  readonly contentType: string;
  render(): Promise<string>;
}

export function metricsRoutes(metrics: MetricsPage): Hono<ApiEnvironment> {
  const routes = new Hono<ApiEnvironment>();
  routes.get('/metrics', async (context) =>
    context.body(await metrics.render(), 200, { 'Content-Type': metrics.contentType, 'Cache-Control': 'no-store' }),
  );
  return routes;
}
