/** CPU time of running processes, as the kernel counts it (Linux, /proc). */

import { readdirSync, readFileSync } from 'node:fs';

/** A process and all that it started. */
export function processTree(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const parent = /^[0-9]+$/.test(name) ? parentOf(Number(name)) : undefined;
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const tree = [pid];
  for (const member of tree) for (const [child, parent] of parents) if (parent === member) tree.push(child);
  return tree;
}

/** undefined for a process that ended meanwhile. */
function parentOf(pid: number): number | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  // The command stands in parentheses and may hold any character.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
}

/** User and system time of all threads of these processes, in microseconds with the scheduler's precision. */
export function cpuTimeUs(pids: readonly number[]): number {
  return pids.flatMap((pid) => [...threadTimesUs(pid).values()]).reduce((sum, timeUs) => sum + timeUs, 0);
}

/** The same of each thread of a process. */
export function threadTimesUs(pid: number): Map<number, number> {
  const times = new Map<number, number>();
  for (const thread of threadsOf(pid)) {
    const spent = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
    if (spent !== undefined) times.set(Number(thread), Number(spent.split(' ')[0]) / 1000);
  }
  return times;
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
