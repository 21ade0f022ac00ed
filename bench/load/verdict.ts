/** Whether a run of the load generator counts. */

import type { LoadReport } from './loadgen-tool.ts';

/** Tries at one figure before it is void. */
export const tries = 3;

/** Later than this, and the generator itself did not keep up. */
const lateLimitUs = 300;

/** Why the generator, not the relay, made these figures; null when they count. */
export function voidReason({ own_drops, late_us }: LoadReport): string | null {
  if (own_drops > 0) return `the generator lost ${own_drops} packets in its own socket`;
  return late_us.p99 > lateLimitUs ? `the generator sent ${late_us.p99} us late (p99)` : null;
}

/** What the relay did wrong; null for nothing. Lost packets are a figure, not a fault. */
export function faultOf(report: LoadReport): string | null {
  const faults: [string, number][] = [
    ['calls did not get ready', report.calls - report.ready],
    ['packets failed authentication', report.auth_fail],
    ['packets were altered', report.bad_payload],
    ['packets came twice', report.dup],
    ['streams were silent', report.silent_streams],
  ];
  const [words, count] = faults.find(([, found]) => found > 0) ?? [];
  return words === undefined ? null : `${count} ${words}`;
}

/** Throws for a report whose figures mean nothing because the relay did wrong. */
export function refuseFaults(report: LoadReport): void {
  const fault = faultOf(report);
  if (fault !== null) throw new Error(fault);
}
