/**
 * The process under the names that every dashboard for Node knows. Not prom-client's own set: that one leaves a timer and an observer behind
 * for every registry, and a gateway may be opened and closed many times in one process.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { addCounter, addGauge } from './asked.ts';

const loopResolutionMs = 20;
const nanosecond = 1e-9;
const microsecond = 1e-6;

/** Returns what ends the measuring. */
export function addProcessMetrics(registry: Registry): () => void {
  addCpu(registry);
  addGauge(registry, 'process_resident_memory_bytes', 'Resident memory size in bytes.', () => process.memoryUsage.rss());
  addGauge(registry, 'nodejs_heap_size_used_bytes', 'Process heap size used from Node.js in bytes.', () => process.memoryUsage().heapUsed);
  addGauge(registry, 'nodejs_external_memory_bytes', 'Node.js external memory size in bytes.', () => process.memoryUsage().external);
  const startedAt = performance.timeOrigin / 1000;
  addGauge(registry, 'process_start_time_seconds', 'Start time of the process since unix epoch in seconds.', () => startedAt);
  const descriptorLimit = readDescriptorLimit();
  addGauge(registry, 'process_open_fds', 'Number of open file descriptors.', openDescriptors);
  addGauge(registry, 'process_max_fds', 'Maximum number of open file descriptors.', () => descriptorLimit);
  return addEventLoop(registry);
}

function addCpu(registry: Registry): void {
  const add = (name: string, help: string, micros: (usage: NodeJS.CpuUsage) => number): void =>
    addCounter(registry, name, help, () => micros(process.cpuUsage()) * microsecond);
  add('process_cpu_user_seconds_total', 'Total user CPU time spent in seconds.', ({ user }) => user);
  add('process_cpu_system_seconds_total', 'Total system CPU time spent in seconds.', ({ system }) => system);
  add('process_cpu_seconds_total', 'Total user and system CPU time spent in seconds.', ({ user, system }) => user + system);
}

/** How late the main thread is; the worst since the metrics were last read. */
function addEventLoop(registry: Registry): () => void {
  const delay = monitorEventLoopDelay({ resolution: loopResolutionMs });
  delay.enable();
  addGauge(registry, 'nodejs_eventloop_lag_p99_seconds', 'The 99th percentile of the recorded event loop delays.', () =>
    late(delay.percentile(99)),
  );
  new Gauge({
    name: 'nodejs_eventloop_lag_max_seconds',
    help: 'The maximum recorded event loop delay.',
    registers: [registry],
    collect() {
      this.set(late(delay.max));
      delay.reset();
    },
  });
  return () => delay.disable();
}

/** What is measured includes the resolution of the timer that measures. */
function late(delayNs: number): number {
  return Math.max(0, delayNs * nanosecond - loopResolutionMs / 1000);
}

/** Linux only; elsewhere nothing is shown. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}

/** The soft limit; Node raises it to the hard one at its start. */
function readDescriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'utf8');
    return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  } catch {
    return Number.NaN;
  }
}
