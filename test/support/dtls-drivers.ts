/** The DTLS drivers that the contract suite is run on. */

import { systemClock } from '../../src/base/clock.ts';
import type { DtlsDriver, DtlsRole } from '../../src/dtls/endpoint.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { weriftDriver } from '../../src/dtls/werift.ts';
import { DtlsHost } from '../../src/relay/dtls-host.ts';
import { RemoteDtls } from '../../src/relay/remote-dtls.ts';

/** Either end of what a relay thread and its DTLS thread say to each other, in one thread. */
function remote(driver: DtlsDriver): DtlsDriver {
  return {
    name: driver.name,
    pending: 0,
    create(options, events) {
      const { certificate } = options;
      // As between threads: later, and not before what is waiting.
      const host = new DtlsHost({ driver, certificate, clock: systemClock }, (words) =>
        setImmediate(() => words.forEach((word) => void ends.receive(structuredClone(word)))),
      );
      const ends = new RemoteDtls({
        name: driver.name,
        certificate,
        post: (message) => setImmediate(() => host.receive(structuredClone(message))),
      });
      return ends.create(options, events);
    },
  };
}

/** By what tests call them. */
export const dtlsDrivers: Readonly<Record<string, DtlsDriver>> = {
  openssl: opensslDriver,
  werift: weriftDriver,
  'remote openssl': remote(opensslDriver),
};

/** Every driver in every role, for `describe.each`. */
export const dtlsSides: ReadonlyArray<{ name: string; driver: DtlsDriver; role: DtlsRole; other: DtlsRole }> = Object.entries(
  dtlsDrivers,
).flatMap(([name, driver]) => [
  { name, driver, role: 'server', other: 'client' },
  { name, driver, role: 'client', other: 'server' },
]);
