/** What malloc has given out and not got back. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import koffi from 'koffi';
import { pause } from './until.ts';

const fields = koffi.struct({ values: koffi.array('int64', 10) });
const inUse = 7;

function bind(): (() => number) | undefined {
  try {
    const mallinfo2 = koffi.load(null).func('mallinfo2', fields, []);
    return () => Number((mallinfo2() as { values: BigInt64Array }).values[inUse]);
  } catch {
    return undefined;
  }
}

// Node takes the flag at run time too; only a context made afterwards has the function.
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const mallocInUse: () => number = bind() ?? (() => process.memoryUsage().rss);

/**
 * Bytes held outside of JavaScript's own heap, when collections and the compilers' passing needs have settled. glibc counts
 * exactly; elsewhere the resident set must do.
 */
export async function heldBytes(): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let sample = 0; sample < 10; sample++) {
    await pause(80);
    collectGarbage();
    least = Math.min(least, mallocInUse());
  }
  return least;
}
