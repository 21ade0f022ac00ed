/** Peers that cannot be talked to are refused at once, by an alert, and not left to a time-out. */

import { createRequire } from 'node:module';
import { afterEach, describe, expect, test } from 'vitest';
import type { SrtpProfile } from '../../src/dtls/endpoint.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { dtlsDrivers, dtlsSides } from '../support/dtls-drivers.ts';
import { connect } from '../support/dtls-link.ts';
import { alertsIn, clientHello, handshakeFailure, records, writeRecord } from '../support/dtls-messages.ts';
import { bindParty, OpensslPeer } from '../support/dtls-openssl-peer.ts';
import { certificates, Party } from '../support/dtls-party.ts';
import { freeUdpPort } from '../support/free-port.ts';
import { describeWith } from '../support/needs.ts';

// Its types and its exports disagree: it is CommonJS without a default export.
const { dtls } = createRequire(import.meta.url)('node-dtls-client') as typeof import('node-dtls-client');

const cleanups: Array<() => void> = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function kept<T extends { close(): void }>(closable: T): T {
  cleanups.push(() => closable.close());
  return closable;
}

const gcm: readonly SrtpProfile[] = ['SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_256_GCM'];
const sha1: readonly SrtpProfile[] = ['SRTP_AES128_CM_HMAC_SHA1_80'];

describe.each(dtlsSides)('the $name driver as $role', ({ driver, role, other }) => {
  test('fails the handshake when no SRTP profile is common', async () => {
    const party = kept(new Party(driver, { role, profiles: gcm }));
    const peer = kept(new Party(opensslDriver, { role: other, profiles: sha1 }));
    connect(party, peer);
    party.start();
    peer.start();
    // Whoever looks at the peer's choice first sends the alert.
    const { failure } = await party.failure();
    if (role === 'server') expect(failure).toBe('dtls-no-common-profile');
    expect(alertsIn([...party.sent, ...peer.sent])).toEqual([handshakeFailure]);
    expect((await peer.failure()).failure).toMatch(/^dtls-/);
  });

  describeWith(['openssl'], 'with the openssl program', () => {
    test('fails the handshake with a peer that knows no SRTP', async () => {
      const party = new Party(driver, { role });
      const port = await freeUdpPort();
      if (role === 'client') kept(await OpensslPeer.server(port, certificates.server));
      const bound = kept(await bindParty(party, port));
      if (role === 'server') kept(OpensslPeer.client(bound.port, certificates.client));
      party.start();
      expect(await party.failure()).toMatchObject({ failure: 'dtls-no-common-profile' });
      expect(alertsIn(party.sent)).toEqual([handshakeFailure]);
    });
  });
});

describe.each(Object.entries(dtlsDrivers))('the %s driver', (_name, driver) => {
  test('refuses node-dtls-client, which speaks pre-shared keys only, with an alert', async () => {
    const party = new Party(driver, { role: 'server' });
    const { port } = kept(await bindParty(party));
    const client = dtls.createSocket({ type: 'udp4', address: '127.0.0.1', port, psk: { me: 'secret' }, timeout: 5_000 });
    const refusal = new Promise<Error>((resolve) => client.on('error', resolve));
    expect(await party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
    expect(alertsIn(party.sent)).toEqual([handshakeFailure]);
    expect((await refusal).message).not.toMatch(/timed? ?out/i);
  });

  test('refuses a flood of hellos that offer TLS_NULL_WITH_NULL_NULL with one alert and one event', async () => {
    const party = kept(new Party(driver, { role: 'server' }));
    for (let i = 0; i < 1000; i++) party.receive(writeRecord(records.handshake, i, clientHello([0x0000])));
    await party.outcome();
    expect(party.outcomes).toMatchObject([{ failure: 'dtls-handshake-failed' }]);
    expect(alertsIn(party.sent)).toEqual([handshakeFailure]);
  });

  describeWith(['openssl'], 'with the openssl program', () => {
    test('refuses a client without a certificate', async () => {
      const party = new Party(driver, { role: 'server' });
      const { port } = kept(await bindParty(party));
      kept(OpensslPeer.clientWithoutCertificate(port, ['-use_srtp', 'SRTP_AEAD_AES_128_GCM']));
      expect(await party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
      expect(alertsIn(party.sent)).toEqual([handshakeFailure]);
    });

    test('refuses DTLS 1.0', async () => {
      const party = new Party(driver, { role: 'server' });
      const { port } = kept(await bindParty(party));
      kept(
        OpensslPeer.client(port, certificates.client, ['-dtls1', '-cipher', 'DEFAULT@SECLEVEL=0', '-use_srtp', 'SRTP_AEAD_AES_128_GCM']),
      );
      expect(await party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
      expect(alertsIn(party.sent)).toHaveLength(1);
    });
  });
});
