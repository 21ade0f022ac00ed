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
  let nanoseconds = 0;
  for (const pid of pids) {
    for (const thread of threadsOf(pid)) {
      const spent = readIfThere(`/proc/${pid}/task/${thread}/schedstat`);
      if (spent !== undefined) nanoseconds += Number(spent.split(' ')[0]);
    }
  }
  return nanoseconds / 1000;
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
