/** Our SRTP contexts with each driver that this machine has. */

import { invariant } from '../../src/base/errors.ts';
import { SrtpContext } from '../../src/srtp/context.ts';
import { srtpDriver } from '../../src/srtp/driver.ts';
import { nodeDriver } from '../../src/srtp/node-driver.ts';
import { type SrtpProfile, srtpProfiles } from '../../src/srtp/profile.ts';
import type { SrtpDriver } from '../../src/srtp/transform.ts';
import type { Operation } from './cpu-rounds.ts';
import { clearLength, clearPackets, masterKeys, maxPackets, operationNames, stride } from './srtp-packets.ts';

/** Where a relay that uses this driver has its packets. */
interface PacketPlace {
  readonly bytes: Uint8Array;
  readonly base: number;
}

const profiles = Object.keys(srtpProfiles) as SrtpProfile[];

export async function offhookOperations(): Promise<Operation[]> {
  const { driver: chosen } = await srtpDriver('auto');
  const operations: Operation[] = [];
  for (const driver of new Set([chosen, nodeDriver])) {
    const place = await placeFor(driver);
    for (const profile of profiles) operations.push(...operationsOf(driver, profile, place));
  }
  return operations;
}

async function placeFor(driver: SrtpDriver): Promise<PacketPlace> {
  if (driver === nodeDriver) return { bytes: new Uint8Array(maxPackets * stride), base: 0 };
  // Loads FFI, which not every machine has.
  const { sharedRegion } = await import('../../src/native/memory.ts');
  const region = sharedRegion();
  return { bytes: region.bytes, base: region.allocate(maxPackets * stride) };
}

function operationsOf(driver: SrtpDriver, profile: SrtpProfile, { bytes, base }: PacketPlace): Operation[] {
  const subject = `offhook, ${driver.name}`;
  const context = (role: 'protect' | 'unprotect'): SrtpContext => new SrtpContext({ profile, driver, role, ...masterKeys(profile) });
  const protectAll = (count: number): void => {
    const sender = context('protect');
    for (let at = 0; at < count; at++) sender.protectRtp(bytes, base + at * stride, clearLength);
    sender.close();
  };
  const protect: Operation['prepare'] = (count) => {
    bytes.set(clearPackets(count), base);
    return () => protectAll(count);
  };
  const unprotect: Operation['prepare'] = (count) => {
    bytes.set(clearPackets(count), base);
    protectAll(count);
    const receiver = context('unprotect');
    const length = clearLength + srtpProfiles[profile].tagLength;
    return () => {
      let opened = 0;
      for (let at = 0; at < count; at++) if (receiver.unprotectRtp(bytes, base + at * stride, length) === clearLength) opened++;
      receiver.close();
      invariant(opened === count, 'every packet is authentic');
    };
  };
  return [
    { subject, scenario: `protect, ${operationNames[profile]}`, prepare: protect },
    { subject, scenario: `unprotect, ${operationNames[profile]}`, prepare: unprotect },
  ];
}
