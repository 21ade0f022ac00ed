/** The fast driver against the simple one, on packets in the memory that it shares with C. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sharedRegion } from '../../../src/native/memory.ts';
import { packetMemory } from '../../../src/native/openssl-cipher.ts';
import { type SrtpChoice, srtpDriver } from '../../../src/srtp/driver.ts';
import { evpDriver } from '../../../src/srtp/evp-driver.ts';
import { deriveSessionKeys } from '../../../src/srtp/key-derivation.ts';
import { nodeDriver } from '../../../src/srtp/node-driver.ts';
import { type SrtpProfile, srtpProfiles } from '../../../src/srtp/profile.ts';
import type { SrtpTransform } from '../../../src/srtp/transform.ts';

const place = sharedRegion().allocate(4096);
const profiles = Object.keys(srtpProfiles) as SrtpProfile[];
const overhead = 20;

describe.each(profiles)('%s', (profile) => {
  const { keyLength, saltLength } = srtpProfiles[profile];
  const keys = deriveSessionKeys(profile, new Uint8Array(keyLength).fill(3), new Uint8Array(saltLength).fill(4));
  const fast = evpDriver.createTransform(profile, keys);
  const simple = nodeDriver.createTransform(profile, keys);

  const packets = fc.record({
    packet: fc.uint8Array({ minLength: 12, maxLength: 1500 }),
    clear: fc.nat(80),
    ssrc: fc.nat(0xffff_ffff),
    index: fc.maxSafeNat().map((index) => index % 2 ** 48),
    /** Packets lie at any offset. */
    offset: fc.nat(7).map((offset) => place + offset),
  });

  test('RTP is sealed alike, and opened', () => {
    fc.assert(
      fc.property(packets, ({ packet, clear, ssrc, index, offset }) => {
        const header = Math.min(packet.length, 12 + clear);
        const expected = sealedBy(simple, packet, (transform, bytes, at) =>
          transform.sealRtp(bytes, at, header, packet.length, ssrc, index),
        );
        packetMemory.set(packet, offset);
        packetMemory.fill(0, offset + packet.length, offset + packet.length + overhead);
        fast.sealRtp(packetMemory, offset, header, packet.length, ssrc, index);
        const wire = packetMemory.slice(offset, offset + expected.length);
        const tagLength = srtpProfiles[profile].tagLength;
        expect(Buffer.compare(wire.subarray(0, packet.length + tagLength), expected.subarray(0, packet.length + tagLength))).toBe(0);
        expect(fast.openRtp(packetMemory, offset, header, packet.length, ssrc, index)).toBe(true);
        expect(Buffer.compare(packetMemory.subarray(offset, offset + packet.length), packet)).toBe(0);
      }),
    );
  });

  test('RTCP is sealed alike, and opened', () => {
    fc.assert(
      fc.property(packets, ({ packet, ssrc, index, offset }) => {
        const rtcpIndex = index % 2 ** 31;
        const expected = sealedBy(simple, packet, (transform, bytes, at) => transform.sealRtcp(bytes, at, packet.length, ssrc, rtcpIndex));
        packetMemory.set(packet, offset);
        fast.sealRtcp(packetMemory, offset, packet.length, ssrc, rtcpIndex);
        const length = packet.length + srtpProfiles[profile].tagLength + 4;
        expect(Buffer.compare(packetMemory.subarray(offset, offset + length), expected.subarray(0, length))).toBe(0);
        expect(fast.openRtcp(packetMemory, offset, packet.length, ssrc, rtcpIndex)).toBe(true);
        expect(Buffer.compare(packetMemory.subarray(offset, offset + packet.length), packet)).toBe(0);
      }),
    );
  });

  test('a packet with a wrong tag stays as it came', () => {
    fc.assert(
      fc.property(packets, ({ packet, ssrc, index, offset }) => {
        const { tagLength } = srtpProfiles[profile];
        const wire = Uint8Array.from({ length: packet.length + overhead }, (_, i) => packet[i] ?? i);
        const left = (length: number): number => Buffer.compare(packetMemory.subarray(offset, offset + length), wire.subarray(0, length));
        packetMemory.set(wire, offset);
        expect(fast.openRtp(packetMemory, offset, 12, packet.length, ssrc, index)).toBe(false);
        expect(left(packet.length + tagLength)).toBe(0);
        packetMemory.set(wire, offset);
        expect(fast.openRtcp(packetMemory, offset, packet.length, ssrc, index % 2 ** 31)).toBe(false);
        expect(left(packet.length + tagLength + 4)).toBe(0);
      }),
    );
  });

  test('a closed transform throws and may be closed again', () => {
    const transform = evpDriver.createTransform(profile, keys);
    transform.close();
    transform.close();
    expect(() => transform.sealRtp(packetMemory, place, 12, 172, 1, 1)).toThrow('used after close');
  });
});

function sealedBy(
  transform: SrtpTransform,
  packet: Uint8Array,
  seal: (transform: SrtpTransform, bytes: Uint8Array, at: number) => void,
): Uint8Array {
  const bytes = new Uint8Array(packet.length + overhead);
  bytes.set(packet);
  seal(transform, bytes, 0);
  return bytes;
}

describe('the SRTP driver', () => {
  const broken = () => Promise.reject(new Error('no FFI here'));

  test('is the fast one here', async () => {
    expect(await srtpDriver('auto')).toEqual({ driver: evpDriver, reason: 'OpenSSL inside Node passed its self-test' });
  });

  test('is the simple one where the fast one does not work, and says why', async () => {
    expect(await srtpDriver('auto', broken)).toEqual({ driver: nodeDriver, reason: 'OpenSSL inside Node cannot be used: no FFI here' });
  });

  test.each<[SrtpChoice, string]>([
    ['evp', 'evp'],
    ['node', 'node'],
  ])('is the one that was asked for: %s', async (choice, name) => {
    expect((await srtpDriver(choice)).driver.name).toBe(name);
  });

  test('is none where the one that was asked for does not work', async () => {
    await expect(srtpDriver('evp', broken)).rejects.toThrow('no FFI here');
  });
});
