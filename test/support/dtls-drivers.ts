/** The DTLS drivers that the contract suite is run on. */

import type { DtlsDriver, DtlsRole } from '../../src/dtls/endpoint.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { weriftDriver } from '../../src/dtls/werift.ts';

export const dtlsDrivers: readonly DtlsDriver[] = [opensslDriver, weriftDriver];

/** Every driver in every role, for `describe.each`. */
export const dtlsSides: ReadonlyArray<{ name: string; driver: DtlsDriver; role: DtlsRole; other: DtlsRole }> = dtlsDrivers.flatMap(
  (driver) => [
    { name: driver.name, driver, role: 'server', other: 'client' },
    { name: driver.name, driver, role: 'client', other: 'server' },
  ],
);
