/** What a DTLS thread does when something breaks in it; the rest is in the contract suite of the drivers. */

import { beforeEach, expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import type { DtlsDriver, DtlsEndpoint } from '../../../src/dtls/endpoint.ts';
import { DtlsHost } from '../../../src/relay/dtls-host.ts';
import type { EndpointWord, ToDtlsThread } from '../../../src/relay/dtls-messages.ts';

const breaks = (): never => {
  throw new Error('broken invariant');
};
const idle: DtlsEndpoint = { deadline: Number.POSITIVE_INFINITY, start: () => {}, receive: () => {}, expire: () => {}, close: () => {} };
const create = (endpoint: number): ToDtlsThread => ({ type: 'create', endpoint, role: 'client', profiles: [], mtu: 1200 });
const failed = (endpoint: number): EndpointWord => ({
  type: 'failed',
  endpoint,
  reason: 'dtls-handshake-failed',
  detail: 'broken invariant',
});

let said: EndpointWord[];

beforeEach(() => {
  said = [];
});

function hostOf(create: DtlsDriver['create']): DtlsHost {
  const driver = { name: 'openssl', pending: 0, create } as const;
  const certificate = createCertificate(seededRandom(1), 0);
  return new DtlsHost({ driver, certificate, clock: systemClock }, (words) => void said.push(...words));
}

test('an endpoint that cannot be made fails, and no other', async () => {
  let made = 0;
  const host = hostOf(() => (made++ === 0 ? breaks() : idle));
  for (const message of [create(1), { type: 'start', endpoint: 1 }, create(2), { type: 'start', endpoint: 2 }] as const)
    host.receive(message);
  await Promise.resolve();
  expect(said).toEqual([failed(1), { type: 'stepped', endpoint: 2 }]);
  host.close();
});

test('so does one that breaks in a step, which counts as done', () => {
  let closed = 0;
  const host = hostOf(() => ({ ...idle, receive: breaks, close: () => void closed++ }));
  host.receive(create(1));
  host.receive({ type: 'datagram', endpoint: 1, datagram: 'any' });
  expect(said).toEqual([failed(1), { type: 'stepped', endpoint: 1 }]);
  host.close();
  host.close();
  expect(closed).toBe(1);
});

test('and one that breaks in its timer', async () => {
  const host = hostOf(() => ({ ...idle, deadline: 0, start: () => {}, expire: breaks }));
  host.receive(create(1));
  host.receive({ type: 'start', endpoint: 1 });
  await expect.poll(() => said.length).toBeGreaterThan(1);
  expect(said.slice(0, 2)).toEqual([{ type: 'stepped', endpoint: 1 }, failed(1)]);
  host.close();
});
