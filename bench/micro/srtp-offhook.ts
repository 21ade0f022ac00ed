/** Our SRTP contexts with each driver that this machine has. */

import { invariant } from '../../src/base/errors.ts';
import { SrtpContext } from '../../src/srtp/context.ts';
import { nodeDriver } from '../../src/srtp/node-driver.ts';
import { type SrtpProfile, srtpProfiles } from '../../src/srtp/profile.ts';
import type { SrtpDriver } from '../../src/srtp/transform.ts';
import type { Operation } from './cpu-rounds.ts';
import { clearLength, clearPackets, masterKeys, operationNames, stride } from './srtp-packets.ts';

const drivers: readonly SrtpDriver[] = [nodeDriver];
const profiles = Object.keys(srtpProfiles) as SrtpProfile[];

export function offhookOperations(): Operation[] {
  return drivers.flatMap((driver) =>
    profiles.flatMap((profile) => [
      { subject: `offhook, ${driver.name}`, scenario: `protect, ${operationNames[profile]}`, prepare: protect(driver, profile) },
      { subject: `offhook, ${driver.name}`, scenario: `unprotect, ${operationNames[profile]}`, prepare: unprotect(driver, profile) },
    ]),
  );
}

function protect(driver: SrtpDriver, profile: SrtpProfile): Operation['prepare'] {
  return (count) => {
    const packets = clearPackets(count);
    const context = new SrtpContext({ profile, driver, role: 'protect', ...masterKeys(profile) });
    return () => {
      for (let at = 0; at < count; at++) context.protectRtp(packets, at * stride, clearLength);
      context.close();
    };
  };
}

function unprotect(driver: SrtpDriver, profile: SrtpProfile): Operation['prepare'] {
  return (count) => {
    const packets = clearPackets(count);
    const sender = new SrtpContext({ profile, driver, role: 'protect', ...masterKeys(profile) });
    for (let at = 0; at < count; at++) sender.protectRtp(packets, at * stride, clearLength);
    sender.close();
    const length = clearLength + srtpProfiles[profile].tagLength;
    const context = new SrtpContext({ profile, driver, role: 'unprotect', ...masterKeys(profile) });
    return () => {
      let opened = 0;
      for (let at = 0; at < count; at++) if (context.unprotectRtp(packets, at * stride, length) === clearLength) opened++;
      invariant(opened === count, 'every packet is authentic');
      context.close();
    };
  };
}
