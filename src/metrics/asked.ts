/** Metrics whose one value is asked for whenever somebody reads them. */

import { Counter, Gauge, type Registry } from 'prom-client';

/** Where there is no value, NaN, nothing is shown. */
export function addGauge(registry: Registry, name: string, help: string, value: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      const now = value();
      if (!Number.isNaN(now)) this.set(now);
    },
  });
}

/** `total`: since the start. */
export function addCounter(registry: Registry, name: string, help: string, total: () => number): void {
  new Counter({
    name,
    help,
    registers: [registry],
    collect() {
      this.reset();
      this.inc(total());
    },
  });
}
