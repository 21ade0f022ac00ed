/** What malloc has given out and not got back, JavaScript's own heap apart. */

import koffi from 'koffi';

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

/** glibc counts exactly; elsewhere the resident set is the next best. */
export const nativeHeapBytes: () => number = bind() ?? (() => process.memoryUsage().rss);
