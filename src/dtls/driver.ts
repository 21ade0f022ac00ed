/** Which DTLS driver serves: OpenSSL's where FFI works and its self-test passes, else the portable one. */

import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { createCertificate } from './certificate.ts';
import type { DtlsDriver } from './endpoint.ts';

export type DtlsChoice = 'auto' | DtlsDriver['name'];

export interface ChosenDtlsDriver {
  readonly driver: DtlsDriver;
  /** Why it is this one, in plain words for the log. */
  readonly reason: string;
}

/** Loading is what fails where a driver cannot work; werift is large, so that nothing loads it unasked. */
export type DriverLoaders = Readonly<Record<DtlsDriver['name'], () => Promise<DtlsDriver>>>;

const loaders: DriverLoaders = {
  openssl: async () => {
    const [{ opensslDriver }, { testOpensslDtls }] = await Promise.all([import('./openssl.ts'), import('../native/self-test.ts')]);
    testOpensslDtls(createCertificate(systemRandom, systemClock.wallTime()));
    return opensslDriver;
  },
  werift: async () => (await import('./werift.ts')).weriftDriver,
};

/** Rejects when the driver that was asked for by name cannot work here. */
export async function dtlsDriver(choice: DtlsChoice, load: DriverLoaders = loaders): Promise<ChosenDtlsDriver> {
  if (choice !== 'auto') return { driver: await load[choice](), reason: 'as configured' };
  try {
    return { driver: await load.openssl(), reason: 'OpenSSL inside Node passed its self-test' };
  } catch (error) {
    return { driver: await load.werift(), reason: `OpenSSL inside Node cannot be used: ${errorText(error)}` };
  }
}
