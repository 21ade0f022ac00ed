/** What our SRTP makes and takes, beside what others make and take. */

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80, RtpHeader, SrtcpSession, SrtpSession } from 'werift';
import { srtpProfiles } from '../../src/srtp/profile.ts';
import { bytesOf, connect, drivers, hexOf, keysOf, rtcpPacket, rtpPacket, run, sealed } from '../support/srtp-ends.ts';

interface LibsrtpVector {
  srtp_plaintext_ref: string;
  rtp_plaintext_ref: string;
  srtp_ciphertext: string;
  rtcp_plaintext_ref: string;
  srtcp_ciphertext: string;
}

const vectorFile = new URL('../fixtures/vectors/srtp-libsrtp.json', import.meta.url);
const libsrtp = JSON.parse(readFileSync(vectorFile, 'utf8')) as {
  keys: Record<string, string>;
  vectors: Record<string, Partial<LibsrtpVector>>;
};

describe.each(drivers)('$name: packets that libsrtp made', (driver) => {
  test.each([
    ['SRTP_AES128_CM_HMAC_SHA1_80', 'srtp_validate', 'test_key'],
    ['SRTP_AEAD_AES_128_GCM', 'srtp_validate_gcm', 'test_key_gcm'],
  ] as const)('%s', (profile, name, keyName) => {
    const { keyLength, saltLength } = srtpProfiles[profile];
    const key = bytesOf(libsrtp.keys[keyName] as string);
    const keys = { masterKey: key.subarray(0, keyLength), masterSalt: key.subarray(keyLength, keyLength + saltLength) };
    const { sender, receiver } = connect({ driver, profile }, keys);
    const vector = { ...libsrtp.vectors[name] };
    const rtp = bytesOf(vector.srtp_plaintext_ref ?? vector.rtp_plaintext_ref ?? '');
    const rtcp = bytesOf(vector.rtcp_plaintext_ref ?? '');
    expect(hexOf(sealed(sender, 'protectRtp', rtp))).toBe(vector.srtp_ciphertext);
    expect(run(receiver, 'unprotectRtp', bytesOf(vector.srtp_ciphertext ?? ''))).toEqual(rtp);
    // libsrtp counts SRTCP packets from 1, RFC 3711 3.4 from 0.
    sealed(sender, 'protectRtcp', rtcp);
    expect(hexOf(sealed(sender, 'protectRtcp', rtcp))).toBe(vector.srtcp_ciphertext);
    expect(run(receiver, 'unprotectRtcp', bytesOf(vector.srtcp_ciphertext ?? ''))).toEqual(rtcp);
  });
});

describe.each(drivers)("$name: packets to and from werift's SRTP", (driver) => {
  test.each([
    ['SRTP_AES128_CM_HMAC_SHA1_80', ProtectionProfileAes128CmHmacSha1_80],
    ['SRTP_AEAD_AES_128_GCM', ProtectionProfileAeadAes128Gcm],
  ] as const)('%s', (profile, number) => {
    const { sender, receiver } = connect({ driver, profile });
    const { masterKey, masterSalt } = keysOf(profile);
    const [key, salt] = [Buffer.from(masterKey), Buffer.from(masterSalt)];
    const keys = { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt };
    const peer = new SrtpSession({ keys, profile: number });
    const peerRtcp = new SrtcpSession({ keys, profile: number });
    for (let i = 0; i < 100; i++) {
      const packet = Buffer.from(rtpPacket((65_500 + i) % 0x10000));
      expect(hexOf(peer.decrypt(Buffer.from(sealed(sender, 'protectRtp', packet))))).toBe(hexOf(packet));
      const theirs = peer.encrypt(packet.subarray(12), RtpHeader.deSerialize(packet));
      expect(run(receiver, 'unprotectRtp', theirs)).toEqual(new Uint8Array(packet));
      expect(hexOf(peerRtcp.decrypt(Buffer.from(sealed(sender, 'protectRtcp', rtcpPacket))))).toBe(hexOf(rtcpPacket));
      expect(run(receiver, 'unprotectRtcp', peerRtcp.encrypt(Buffer.from(rtcpPacket)))).toEqual(rtcpPacket);
    }
  });
});
