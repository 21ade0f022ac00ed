/** Which SRTP driver serves: OpenSSL's ciphers where FFI works and they agree with node:crypto, else node:crypto. */

import { errorText } from '../base/errors.ts';
import { deriveSessionKeys } from './key-derivation.ts';
import { nodeDriver } from './node-driver.ts';
import { type SrtpProfile, srtpProfiles } from './profile.ts';
import type { SrtpDriver } from './transform.ts';

export type SrtpChoice = 'auto' | 'evp' | 'node';

export interface ChosenSrtpDriver {
  readonly driver: SrtpDriver;
  /** Why it is this one, in plain words for the log. */
  readonly reason: string;
}

async function loadEvp(): Promise<SrtpDriver> {
  const { evpDriver } = await import('./evp-driver.ts');
  for (const profile of Object.keys(srtpProfiles) as SrtpProfile[]) compare(profile, evpDriver, nodeDriver);
  return evpDriver;
}

/** Rejects when the driver that was asked for by name cannot work here. */
export async function srtpDriver(choice: SrtpChoice, load: () => Promise<SrtpDriver> = loadEvp): Promise<ChosenSrtpDriver> {
  if (choice === 'node') return { driver: nodeDriver, reason: 'as configured' };
  if (choice === 'evp') return { driver: await load(), reason: 'as configured' };
  try {
    return { driver: await load(), reason: 'OpenSSL inside Node passed its self-test' };
  } catch (error) {
    return { driver: nodeDriver, reason: `OpenSSL inside Node cannot be used: ${errorText(error)}` };
  }
}

const headerLength = 12;
const packetLength = 172;
const ssrc = 0x01234567;
const index = 0x1_2345_6789;

/** Seals one packet with both and opens it again. Throws when they differ. */
function compare(profile: SrtpProfile, tested: SrtpDriver, trusted: SrtpDriver): void {
  const { keyLength, saltLength, tagLength } = srtpProfiles[profile];
  const keys = deriveSessionKeys(profile, new Uint8Array(keyLength).fill(1), new Uint8Array(saltLength).fill(2));
  const sealedLength = packetLength + tagLength;
  const [packet, expected] = [new Uint8Array(sealedLength), new Uint8Array(sealedLength)];
  const transform = tested.createTransform(profile, keys);
  transform.sealRtp(packet, 0, headerLength, packetLength, ssrc, index);
  trusted.createTransform(profile, keys).sealRtp(expected, 0, headerLength, packetLength, ssrc, index);
  const alike = Buffer.compare(packet, expected) === 0;
  const opened = transform.openRtp(packet, 0, headerLength, packetLength, ssrc, index);
  transform.close();
  if (!alike || !opened) throw new Error(`${profile} gives wrong packets`);
}
