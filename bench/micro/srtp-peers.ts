/** Others' ways to the same packets: werift's SRTP, and node:crypto with a cipher and an HMAC object for each packet. */

import { createCipheriv, createHmac } from 'node:crypto';
import { ProtectionProfileAeadAes128Gcm, ProtectionProfileAes128CmHmacSha1_80, RtpHeader, SrtpSession } from 'werift';
import { deriveSessionKeys } from '../../src/srtp/key-derivation.ts';
import type { SrtpProfile } from '../../src/srtp/profile.ts';
import type { Operation } from './cpu-rounds.ts';
import { clearLength, clearPackets, masterKeys, operationNames, stride } from './srtp-packets.ts';

const weriftProfiles: readonly (readonly [SrtpProfile, number])[] = [
  ['SRTP_AES128_CM_HMAC_SHA1_80', ProtectionProfileAes128CmHmacSha1_80],
  ['SRTP_AEAD_AES_128_GCM', ProtectionProfileAeadAes128Gcm],
];

export function weriftOperations(): Operation[] {
  return weriftProfiles.flatMap(([profile, number]) => {
    const open = (): SrtpSession => weriftSession(profile, number);
    return [
      { subject: 'werift', scenario: `protect, ${operationNames[profile]}`, prepare: (count) => weriftProtect(open(), count) },
      { subject: 'werift', scenario: `unprotect, ${operationNames[profile]}`, prepare: (count) => weriftUnprotect(open, count) },
    ] satisfies Operation[];
  });
}

function weriftSession(profile: SrtpProfile, number: number): SrtpSession {
  const keys = masterKeys(profile);
  const [key, salt] = [Buffer.from(keys.masterKey), Buffer.from(keys.masterSalt)];
  const session = { localMasterKey: key, localMasterSalt: salt, remoteMasterKey: key, remoteMasterSalt: salt };
  return new SrtpSession({ keys: session, profile: number });
}

function weriftProtect(session: SrtpSession, count: number): () => void {
  const packets = packetList(count);
  return () => {
    for (const packet of packets) session.encrypt(packet.subarray(12), RtpHeader.deSerialize(packet));
  };
}

function weriftUnprotect(open: () => SrtpSession, count: number): () => void {
  const sender = open();
  const packets = packetList(count).map((packet) => sender.encrypt(packet.subarray(12), RtpHeader.deSerialize(packet)));
  const session = open();
  return () => {
    for (const packet of packets) session.decrypt(packet);
  };
}

function packetList(count: number): Buffer[] {
  const packets = clearPackets(count);
  return Array.from({ length: count }, (_, at) => packets.subarray(at * stride, at * stride + clearLength));
}

export function plainCryptoOperations(): Operation[] {
  const profile = 'SRTP_AES128_CM_HMAC_SHA1_80';
  return [{ subject: 'node:crypto, objects per packet', scenario: `protect, ${operationNames[profile]}`, prepare: plainProtect(profile) }];
}

/** RFC 3711 4.1.1 and 4.2.1 as one would write them down first. */
function plainProtect(profile: SrtpProfile): Operation['prepare'] {
  const { masterKey, masterSalt } = masterKeys(profile);
  const { key, authKey, salt } = deriveSessionKeys(profile, masterKey, masterSalt).rtp;
  return (count) => {
    const packets = packetList(count);
    return () => {
      for (const packet of packets) {
        const iv = Buffer.alloc(16);
        iv.set(salt);
        for (let at = 0; at < 4; at++) iv[4 + at] = (iv[4 + at] as number) ^ (packet[8 + at] as number);
        for (let at = 0; at < 2; at++) iv[12 + at] = (iv[12 + at] as number) ^ (packet[2 + at] as number);
        const sealed = createCipheriv('aes-128-ctr', key, iv).update(packet.subarray(12));
        const authenticated = createHmac('sha1', authKey).update(packet.subarray(0, 12)).update(sealed);
        Buffer.concat([packet.subarray(0, 12), sealed, authenticated.update(Buffer.alloc(4)).digest().subarray(0, 10)]);
      }
    };
  };
}
