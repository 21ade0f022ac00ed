/**
 * Which descriptors a thread has open, in memory that it shares with the thread that started it: the system closes those of a process
 * that ends, and nobody closes those of a thread that died.
 */

import { closeSync } from 'node:fs';

/** More than a process may have on any usual system; what lies above is not noted. */
const maxDescriptors = 1 << 20;

/** One bit for each. */
let noted: Int32Array = new Int32Array(0);

export function createDescriptorLedger(): SharedArrayBuffer {
  return new SharedArrayBuffer(maxDescriptors / 8);
}

/** From now on the descriptors of this thread are noted there. */
export function keepDescriptorsIn(ledger: SharedArrayBuffer): void {
  noted = new Int32Array(ledger);
}

/** To be called for each one as soon as it is open. */
export function descriptorOpened(fd: number): number {
  note(fd, 1);
  return fd;
}

/** To be called before closing: its number may be another thread's the moment after. */
export function descriptorClosing(fd: number): number {
  note(fd, 0);
  return fd;
}

/** Closes what a thread that has ended left open. */
export function closeDescriptorsOf(ledger: SharedArrayBuffer): void {
  for (const [word, bits] of new Int32Array(ledger).entries()) {
    for (let rest = bits; rest !== 0; rest &= rest - 1) close(word * 32 + 31 - Math.clz32(rest & -rest));
  }
}

function close(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // It is closed, then.
  }
}

function note(fd: number, bit: 0 | 1): void {
  const word = fd >> 5;
  if (word < noted.length) noted[word] = ((noted[word] as number) & ~(1 << (fd & 31))) | (bit << (fd & 31));
}
