/** What every DTLS driver promises, in both roles, against OpenSSL's command line as an independent peer. */

import { afterEach, describe, expect, test } from 'vitest';
import { fingerprintOf } from '../../src/dtls/certificate.ts';
import { type DtlsConnection, type SrtpProfile, srtpProfiles } from '../../src/dtls/endpoint.ts';
import { preferredSrtpProfiles } from '../../src/srtp/profile.ts';
import { dtlsDrivers } from '../support/dtls-drivers.ts';
import { bindParty, OpensslPeer, rsaIdentity, type UdpParty } from '../support/dtls-openssl-peer.ts';
import { certificates, Party } from '../support/dtls-party.ts';
import { freeUdpPort } from '../support/free-port.ts';
import { describeWith } from '../support/needs.ts';
import { until } from '../support/until.ts';

const peerNames: Readonly<Record<SrtpProfile, string>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: 'SRTP_AES128_CM_SHA1_80',
  SRTP_AEAD_AES_128_GCM: 'SRTP_AEAD_AES_128_GCM',
  SRTP_AEAD_AES_256_GCM: 'SRTP_AEAD_AES_256_GCM',
};
const profiles = Object.keys(peerNames) as SrtpProfile[];

const cleanups: Array<() => void> = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

function kept<T extends { close(): void }>(closable: T): T {
  cleanups.push(() => closable.close());
  return closable;
}

async function bound(party: Party, remotePort?: number): Promise<UdpParty> {
  return kept(await bindParty(party, remotePort));
}

function exporting(profile: SrtpProfile): string[] {
  const { keyLength, saltLength } = srtpProfiles[profile];
  const length = String(2 * (keyLength + saltLength));
  return ['-use_srtp', peerNames[profile], '-keymatexport', 'EXTRACTOR-dtls_srtp', '-keymatexportlen', length];
}

/** Client key, server key, client salt, server salt: as the exporter orders them. */
function material(connection: DtlsConnection, role: 'client' | 'server'): string {
  const { localKey, localSalt, remoteKey, remoteSalt } = connection;
  const ordered = role === 'client' ? [localKey, remoteKey, localSalt, remoteSalt] : [remoteKey, localKey, remoteSalt, localSalt];
  return Buffer.concat(ordered).toString('hex').toUpperCase();
}

describe.each(Object.entries(dtlsDrivers))('the %s driver', (_name, driver) => {
  describeWith(['openssl'], 'with the openssl program', () => {
    test.each(profiles)('as server exports what s_client exports: %s', async (profile) => {
      const party = new Party(driver, { role: 'server', profiles });
      const { port } = await bound(party);
      const peer = kept(OpensslPeer.client(port, certificates.client, exporting(profile)));
      const connection = await party.connection();
      expect(connection.profile).toBe(profile);
      const [, hex] = await peer.says(/Keying material: ([0-9A-F]+)/);
      expect(material(connection, 'server')).toBe(hex);
      expect(fingerprintOf(connection.remoteCertificate, 'sha-256')).toBe(certificates.client.fingerprint.value);
      await peer.says(/Extended master secret: yes/);
    });

    test.each(profiles)('as client exports what s_server exports: %s', async (profile) => {
      const port = await freeUdpPort();
      const peer = kept(await OpensslPeer.server(port, certificates.server, exporting(profile)));
      const party = new Party(driver, { role: 'client', profiles });
      await bound(party, port);
      party.start();
      const connection = await party.connection();
      expect(connection.profile).toBe(profile);
      const [, hex] = await peer.says(/Keying material: ([0-9A-F]+)/);
      expect(material(connection, 'client')).toBe(hex);
      expect(fingerprintOf(connection.remoteCertificate, 'sha-256')).toBe(certificates.server.fingerprint.value);
    });

    test.each([
      [[...preferredSrtpProfiles].reverse(), 'SRTP_AES128_CM_HMAC_SHA1_80'],
      [['SRTP_AEAD_AES_256_GCM', 'SRTP_AEAD_AES_128_GCM'], 'SRTP_AEAD_AES_128_GCM'],
      [['SRTP_AEAD_AES_256_GCM'], 'SRTP_AEAD_AES_256_GCM'],
    ] satisfies [SrtpProfile[], SrtpProfile][])(
      'as server takes of %j, in the order of s_client, what it prefers itself',
      async (offered, chosen) => {
        const party = new Party(driver, { role: 'server', profiles: preferredSrtpProfiles });
        const { port } = await bound(party);
        const offer = offered.map((profile) => peerNames[profile]).join(':');
        kept(OpensslPeer.client(port, certificates.client, ['-use_srtp', offer]));
        expect((await party.connection()).profile).toBe(chosen);
      },
    );

    test('as server says close_notify to s_client', async () => {
      const party = new Party(driver, { role: 'server' });
      const { port } = await bound(party);
      const peer = kept(OpensslPeer.client(port, certificates.client, ['-use_srtp', 'SRTP_AEAD_AES_128_GCM']));
      await party.connection();
      await peer.says(/Extended master secret: yes/);
      party.close();
      await peer.says(/closed/);
    });

    test('as client offers all in its own order', async () => {
      const party = new Party(driver, { role: 'client', profiles: preferredSrtpProfiles });
      party.start();
      await until('the ClientHello', () => party.sent.length > 0);
      // RFC 5764 4.1.1: the type of the extension, its length, that of the list, the list; no MKI.
      expect(Buffer.concat(party.sent).toString('hex')).toContain('000e 0009 0006 0001 0007 0008 00'.replaceAll(' ', ''));
      party.close();
    });

    test('takes an RSA certificate from s_client', async () => {
      const party = new Party(driver, { role: 'server' });
      const { port } = await bound(party);
      kept(OpensslPeer.clientWith(port, rsaIdentity(), exporting('SRTP_AEAD_AES_128_GCM')));
      expect((await party.connection()).remoteCertificate.length).toBeGreaterThan(600);
    });

    test('takes an RSA certificate from s_server', async () => {
      const port = await freeUdpPort();
      kept(await OpensslPeer.serverWith(port, rsaIdentity(), exporting('SRTP_AEAD_AES_128_GCM')));
      const party = new Party(driver, { role: 'client' });
      await bound(party, port);
      party.start();
      expect((await party.connection()).remoteCertificate.length).toBeGreaterThan(600);
    });
  });
});
