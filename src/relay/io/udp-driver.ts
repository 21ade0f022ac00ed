/** Which UDP driver serves a thread: the polled one of Linux where FFI works, else the portable one. */

import type { Clock } from '../../base/clock.ts';
import { errorText } from '../../base/errors.ts';
import { DgramDriver } from './dgram.ts';
import type { UdpDriver } from './driver.ts';

export type UdpChoice = 'auto' | UdpDriver['name'];

export interface ChosenUdpDriver {
  readonly driver: UdpDriver;
  /** Why it is this one, in plain words for the log. */
  readonly reason: string;
}

/** Rejects when the driver that was asked for by name cannot work here. `batchUs`: gathering time of a polled driver. */
export async function udpDriver(choice: UdpChoice, clock: Clock, batchUs: number | 'auto'): Promise<ChosenUdpDriver> {
  if (choice === 'dgram') return { driver: new DgramDriver(clock), reason: 'as configured' };
  if (choice === 'mmsg') return { driver: await loadMmsg(clock, batchUs), reason: 'as configured' };
  try {
    return { driver: await loadMmsg(clock, batchUs), reason: 'system calls through FFI work' };
  } catch (error) {
    return { driver: new DgramDriver(clock), reason: `batched system calls cannot be used: ${errorText(error)}` };
  }
}

/** Loading it is what fails where there is no FFI, or no Linux. */
async function loadMmsg(clock: Clock, batchUs: number | 'auto'): Promise<UdpDriver> {
  const { MmsgDriver } = await import('./mmsg.ts');
  return new MmsgDriver(clock, batchUs);
}
