/** One DTLS association of a driver, with the timer that it needs. */

import { Alarm, systemClock } from '../../src/base/clock.ts';
import type { Certificate } from '../../src/dtls/certificate.ts';
import type { DtlsDriver, DtlsEndpoint, DtlsEvents, DtlsRole } from '../../src/dtls/endpoint.ts';

export class DtlsSession {
  readonly #endpoint: DtlsEndpoint;
  readonly #alarm = new Alarm(systemClock, () => this.#expire());

  constructor(driver: DtlsDriver, role: DtlsRole, certificate: Certificate, events: DtlsEvents) {
    this.#endpoint = driver.create(
      { role, certificate, profiles: ['SRTP_AES128_CM_HMAC_SHA1_80'], mtu: 1200, now: systemClock.now },
      events,
    );
  }

  start(): void {
    this.#endpoint.start();
    this.#alarm.arm(this.#endpoint.deadline);
  }

  receive(datagram: Uint8Array): void {
    this.#endpoint.receive(datagram);
    this.#alarm.arm(this.#endpoint.deadline);
  }

  close(): void {
    this.#alarm.close();
    this.#endpoint.close();
  }

  #expire(): void {
    this.#endpoint.expire();
    this.#alarm.arm(this.#endpoint.deadline);
  }
}
