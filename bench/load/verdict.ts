/** Whether a run of the load generator counts. */

import type { LoadReport } from './loadgen-tool.ts';

/** Tries at one figure before it is void. */
const tries = 3;

/** Later than this, and the generator itself did not keep up. */
const lateLimitUs = 300;

/** Why the generator, not the relay, made these figures; null when they count. */
function voidReason({ own_drops, late_us }: LoadReport): string | null {
  if (own_drops > 0) return `the generator lost ${own_drops} packets in its own socket`;
  return late_us.p99 > lateLimitUs ? `the generator sent ${late_us.p99} us late (p99)` : null;
}

export interface CountedRun {
  readonly report: LoadReport;
  /** Why it does not count after all; null when it does. */
  readonly reason: string | null;
}

/** Runs the generator until it keeps up, a few times at most. `onVoid`: for each run in which it did not. */
export async function runToCount(
  run: () => Promise<LoadReport>,
  onVoid: (report: LoadReport, reason: string) => void = () => {},
): Promise<CountedRun> {
  for (let attempt = 1; ; attempt++) {
    const report = await run();
    const reason = voidReason(report);
    if (reason !== null) onVoid(report, reason);
    if (reason === null || attempt === tries) return { report, reason };
  }
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
