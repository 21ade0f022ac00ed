/** What a process holds, as Linux tells it. */

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What each open descriptor stands for, in the order of their numbers: `socket`, `pipe`, `/dev/null`, ... */
export function openDescriptors(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return [readlinkSync(`/proc/${pid}/fd/${name}`).replace(/:\[\d+\]$/, '')];
    } catch {
      // Closed meanwhile.
      return [];
    }
  });
}

/** Resident memory in megabytes. */
export function residentMb(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1024;
}
