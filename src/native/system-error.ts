/** What C functions say by returning -1 and setting errno. */

import koffi from 'koffi';

export const interrupted = 4; // EINTR
export const connectionRefused = 111; // ECONNREFUSED of Linux

/** Of the last call of this thread. */
export function errno(): number {
  return koffi.errno();
}

/** The result, unless it is negative: then throws an Error with a system `code` (EADDRINUSE, EMFILE, ...). */
export function check(result: number, call: string): number {
  if (result >= 0) return result;
  const code = codeOf(koffi.errno());
  throw Object.assign(new Error(`${call}: ${code}`), { code });
}

function codeOf(number: number): string {
  for (const [name, value] of Object.entries(koffi.os.errno)) if (value === number) return name;
  return `errno ${number}`;
}
