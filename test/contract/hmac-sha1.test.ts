/** The HMAC-SHA1 that every SRTP driver has for others, too: right by itself, and beside the packets of the same memory. */

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connect, drivers, hexOf, rtpPacket, run, sealed } from '../support/srtp-ends.ts';

describe.each(drivers)('$name: HMAC-SHA1', (driver) => {
  const { hmacSha1 } = driver;
  const trusted = (key: Uint8Array, message: Uint8Array): string => createHmac('sha1', key).update(message).digest('hex');

  test('of keys and messages of any length', () => {
    const keys = fc.uint8Array({ maxLength: 64 });
    const messages = fc.uint8Array({ maxLength: 1500 });
    fc.assert(
      fc.property(keys, messages, (key, message) => {
        expect(hexOf(hmacSha1(key, message))).toBe(trusted(key, message));
      }),
    );
  });

  test('of the longest datagram', () => {
    const [key, message] = [new Uint8Array(64).fill(1), new Uint8Array(65_507).fill(2)];
    expect(hexOf(hmacSha1(key, message))).toBe(trusted(key, message));
  });

  test('between packets harms neither', () => {
    const { sender, receiver } = connect({ driver, profile: 'SRTP_AES128_CM_HMAC_SHA1_80' });
    for (let sequence = 0; sequence < 20; sequence++) {
      const packet = rtpPacket(sequence);
      const there = sealed(sender, 'protectRtp', packet);
      const key = packet.subarray(0, 20);
      const first = hmacSha1(key, there);
      expect(run(receiver, 'unprotectRtp', there)).toEqual(packet);
      expect(hmacSha1(key, there)).toEqual(first);
    }
  });
});
