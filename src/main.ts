#!/usr/bin/env node
/**
 * Where the program begins: V8 is told how to use memory before it makes room for the rest. Who has the gateway as a library has what
 * that process has.
 */

import { setFlagsFromString } from 'node:v8';

// V8 lets its old generation grow to up to four times of what lives in it before it collects it, and a gateway's grows slowly. At twice
// as much the memory of a call does not depend on when that last happened, and what a call's set-up takes is hardly more.
setFlagsFromString('--heap-growing-percent=100');
// V8 throws the code of functions away that did not run for a while. In a gateway whose calls come now and then that is the code of a
// call: the next ones would be read, compiled and warmed up anew, which makes a set-up a sixth dearer.
setFlagsFromString('--no-flush-bytecode');
// V8 forgets this with each thread that starts. A thread's first word comes when it runs, and those that it has started itself.
process.on('worker', (worker) => worker.once('message', holdYoungGeneration));
holdYoungGeneration();

await import('./process.ts');

/**
 * Keeps the space for new objects as large as it is: V8 would let it grow to two times 16 MB while modules are loaded, and does not take
 * that back from a gateway with many calls.
 */
function holdYoungGeneration(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
