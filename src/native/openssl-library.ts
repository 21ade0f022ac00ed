/**
 * The OpenSSL that every official Node binary carries and exports, through FFI. Importing this module throws where there is
 * none (no koffi binary for the platform, or a Node built without exports): the portable drivers serve there.
 */

import koffi from 'koffi';

/** An address in this process as C's uintptr_t; 0 is NULL. User space ends below 2^53, so that a number holds it. */
export type Pointer = number;

const library = koffi.load(null);

/** Binds one public function by its C prototype. Throws when the process exports no such symbol. */
export function bind<Signature extends (...parameters: never[]) => unknown>(prototype: string): Signature {
  return library.func(prototype) as unknown as Signature;
}

/** Makes a C callback that lives as long as its thread: call at module scope only, since there are 8192 slots in a process. */
export function callback(result: string, parameters: string[], target: (...parameters: number[]) => number): bigint {
  const prototype = koffi.proto(result, parameters);
  return koffi.register(target, koffi.pointer(prototype));
}

const errGetError = bind<() => number>('unsigned long ERR_get_error()');
const errReason = bind<(code: number) => string | null>('const char *ERR_reason_error_string(unsigned long)');

/** OpenSSL's error queue belongs to the thread and is shared with node:crypto: leave it empty after every failure. */
export const clearErrors = bind<() => void>('void ERR_clear_error()');

/** Empties the error queue and says what stood in it. */
export function takeErrors(): string {
  const reasons: string[] = [];
  for (let code = errGetError(); code !== 0; code = errGetError()) reasons.push(errReason(code) ?? `error ${code.toString(16)}`);
  return reasons.join('; ');
}

/** A call that only a defect or want of memory lets fail. */
export function must(result: number, what: string): number {
  if (result <= 0) throw new Error(`OpenSSL: ${what} failed: ${takeErrors()}`);
  return result;
}
