/** One DTLS endpoint under test, with its timer run in real time and everything that it says remembered. */

import { Alarm, systemClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createCertificate } from '../../src/dtls/certificate.ts';
import type { DtlsConnection, DtlsDriver, DtlsEndpoint, DtlsFailure, DtlsOptions } from '../../src/dtls/endpoint.ts';
import { until } from './until.ts';

export const certificates = {
  client: createCertificate(seededRandom(1), Date.now(), 'client'),
  server: createCertificate(seededRandom(2), Date.now(), 'server'),
};

export type Outcome = { readonly connection: DtlsConnection } | { readonly failure: DtlsFailure; readonly detail: string };

export class Party {
  readonly endpoint: DtlsEndpoint;
  readonly outcomes: Outcome[] = [];
  /** Where datagrams go; remembered in `sent` too. */
  deliver: (datagram: Uint8Array) => void = () => {};
  readonly sent: Uint8Array[] = [];
  readonly #alarm: Alarm;

  constructor(driver: DtlsDriver, options: Partial<DtlsOptions> & Pick<DtlsOptions, 'role'>) {
    this.#alarm = new Alarm(systemClock, () => this.#act(() => this.endpoint.expire()));
    const defaults: Omit<DtlsOptions, 'role'> = {
      certificate: certificates[options.role],
      profiles: ['SRTP_AEAD_AES_128_GCM', 'SRTP_AES128_CM_HMAC_SHA1_80'],
      mtu: 1200,
      now: systemClock.now,
    };
    this.endpoint = driver.create(
      { ...defaults, ...options },
      {
        send: (datagram) => {
          this.sent.push(datagram);
          this.deliver(datagram);
        },
        connected: (connection) => this.outcomes.push({ connection }),
        failed: (failure, detail) => this.outcomes.push({ failure, detail }),
      },
    );
  }

  start(): void {
    this.#act(() => this.endpoint.start());
  }

  receive(datagram: Uint8Array): void {
    this.#act(() => this.endpoint.receive(datagram));
  }

  close(): void {
    this.#act(() => this.endpoint.close());
    this.#alarm.close();
  }

  /** The first outcome. Rejects when there is none within `withinMs`. */
  outcome(withinMs = 10_000): Promise<Outcome> {
    return until('an outcome of the handshake', () => this.outcomes[0], withinMs);
  }

  async connection(withinMs?: number): Promise<DtlsConnection> {
    const outcome = await this.outcome(withinMs);
    if ('connection' in outcome) return outcome.connection;
    throw new Error(`${outcome.failure}: ${outcome.detail}`);
  }

  async failure(withinMs?: number): Promise<{ failure: DtlsFailure; detail: string }> {
    const outcome = await this.outcome(withinMs);
    if ('failure' in outcome) return outcome;
    throw new Error('connected');
  }

  /** Does something to the endpoint and arms its timer anew. */
  #act(action: () => void): void {
    action();
    this.#alarm.arm(this.endpoint.deadline);
  }
}
