/** What every SRTP driver must do. The contexts above the driver are the product's own, so their promises are held here too. */

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { srtpMalformed, srtpReplayed, srtpUnauthentic } from '../../src/srtp/context.ts';
import { deriveSessionKeys } from '../../src/srtp/key-derivation.ts';
import { type SrtpProfile, srtpProfiles } from '../../src/srtp/profile.ts';
import { bytesOf, connect, drivers, hexOf, keysOf, rtcpPacket, rtpPacket, run, sealed } from '../support/srtp-ends.ts';

const profiles = Object.keys(srtpProfiles) as SrtpProfile[];
const cases = drivers.flatMap((driver) => profiles.map((profile) => ({ driver, profile, name: `${driver.name} ${profile}` })));

function flipped(packet: Uint8Array, bit: number): Uint8Array {
  const copy = packet.slice();
  copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
  return copy;
}

describe.each(cases)('$name', (subject) => {
  const { profile } = subject;

  test('any packet comes through, longer by the tag while on the way', () => {
    const { sender, receiver } = connect(subject);
    let sequence = 0;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1400 }), (payload) => {
        const packet = rtpPacket(sequence++, payload);
        const wire = sealed(sender, 'protectRtp', packet);
        expect(wire).toHaveLength(packet.length + srtpProfiles[profile].tagLength);
        expect(hexOf(wire.subarray(0, 12))).toBe(hexOf(packet.subarray(0, 12)));
        expect(run(receiver, 'unprotectRtp', wire)).toEqual(packet);
      }),
    );
  });

  test('CSRC list and extension stay clear and are authenticated', () => {
    const { sender, receiver } = connect(subject);
    const packet = bytesOf('920f1238decafbadcafebabe0001e2400000b26ebede000151000200abababababababababababababababab');
    const wire = sealed(sender, 'protectRtp', packet);
    expect(hexOf(wire.subarray(0, 28))).toBe(hexOf(packet.subarray(0, 28)));
    expect(hexOf(wire.subarray(28))).not.toContain('abababab');
    expect(run(receiver, 'unprotectRtp', flipped(wire, 25 * 8))).toBe(srtpUnauthentic);
    expect(run(receiver, 'unprotectRtp', wire)).toEqual(packet);
  });

  test('RTCP comes through; its index rises', () => {
    const { sender, receiver } = connect(subject);
    for (let index = 0; index < 5; index++) {
      const wire = sealed(sender, 'protectRtcp', rtcpPacket);
      expect(wire).toHaveLength(rtcpPacket.length + srtpProfiles[profile].tagLength + 4);
      expect(new DataView(wire.buffer).getUint32(wire.length - srtpProfiles[profile].rtcpIndexFromEnd)).toBe(0x80000000 + index);
      expect(run(receiver, 'unprotectRtcp', wire)).toEqual(rtcpPacket);
    }
  });

  test('one changed bit anywhere is refused, and the true packet still comes through', () => {
    const { sender, receiver } = connect(subject);
    const wire = sealed(sender, 'protectRtp', rtpPacket(100, new Uint8Array(20)));
    for (let bit = 0; bit < wire.length * 8; bit++) expect(run(receiver, 'unprotectRtp', flipped(wire, bit))).toBeLessThan(0);
    expect(run(receiver, 'unprotectRtp', wire)).toEqual(rtpPacket(100, new Uint8Array(20)));
    const report = sealed(sender, 'protectRtcp', rtcpPacket);
    for (let bit = 0; bit < report.length * 8; bit++) expect(run(receiver, 'unprotectRtcp', flipped(report, bit))).toBeLessThan(0);
    expect(run(receiver, 'unprotectRtcp', report)).toEqual(rtcpPacket);
  });

  test('arbitrary bytes are refused without throwing', () => {
    const { receiver } = connect(subject);
    const versioned = fc.uint8Array({ maxLength: 300 }).map((bytes) => {
      if (bytes.length > 0) bytes[0] = 0x80 | ((bytes[0] as number) & 0x3f);
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), versioned), (bytes) => {
        expect(run(receiver, 'unprotectRtp', bytes)).toBeLessThan(0);
        expect(run(receiver, 'unprotectRtcp', bytes)).toBeLessThan(0);
      }),
    );
  });

  test('every truncation of a packet is refused', () => {
    const { sender, receiver } = connect(subject);
    const wire = sealed(sender, 'protectRtp', rtpPacket(1));
    for (let length = 0; length < wire.length; length++) expect(run(receiver, 'unprotectRtp', wire.subarray(0, length))).toBeLessThan(0);
    const report = sealed(sender, 'protectRtcp', rtcpPacket);
    for (let length = 0; length < report.length; length++) {
      expect(run(receiver, 'unprotectRtcp', report.subarray(0, length))).toBeLessThan(0);
    }
  });

  test('a replayed packet is refused, also after many others and after the wrap', () => {
    const { sender, receiver } = connect(subject);
    const first = sealed(sender, 'protectRtp', rtpPacket(0xffff));
    expect(run(receiver, 'unprotectRtp', first)).toBeInstanceOf(Uint8Array);
    expect(run(receiver, 'unprotectRtp', first)).toBe(srtpReplayed);
    for (let sequence = 0; sequence < 200; sequence++) {
      expect(run(receiver, 'unprotectRtp', sealed(sender, 'protectRtp', rtpPacket(sequence)))).toBeInstanceOf(Uint8Array);
      expect(run(receiver, 'unprotectRtp', first)).toBe(srtpReplayed);
    }
    const report = sealed(sender, 'protectRtcp', rtcpPacket);
    expect(run(receiver, 'unprotectRtcp', report)).toBeInstanceOf(Uint8Array);
    expect(run(receiver, 'unprotectRtcp', report)).toBe(srtpReplayed);
  });

  test('packets of one wrap in any order come through once', () => {
    const { sender, receiver } = connect(subject);
    const wires = Array.from({ length: 40 }, (_, i) => sealed(sender, 'protectRtp', rtpPacket((0xffec + i) % 0x10000)));
    // The first of a stream sets the roll-over counter to 0: it comes first.
    const shuffled = wires.slice(1).sort((a, b) => (a[20] as number) - (b[20] as number));
    for (const wire of [wires[0] as Uint8Array, ...shuffled]) {
      expect(run(receiver, 'unprotectRtp', wire)).toBeInstanceOf(Uint8Array);
      expect(run(receiver, 'unprotectRtp', wire)).toBe(srtpReplayed);
    }
  });

  test('losing up to half a wrap does not lose the roll-over counter', () => {
    const { sender, receiver } = connect(subject);
    let index = 40_000;
    for (const step of [0, 30_000, 32_000, 32_000, 5, 32_000, 32_000, 32_000, 20_000]) {
      index += step;
      const packet = rtpPacket(index % 0x10000);
      expect(run(receiver, 'unprotectRtp', sealed(sender, 'protectRtp', packet))).toEqual(packet);
    }
  });

  test('each SSRC has its own roll-over counter, kept while another one talks', () => {
    const { sender, receiver } = connect(subject);
    const send = (sequence: number, source: number) => {
      const packet = rtpPacket(sequence, undefined, source);
      expect(run(receiver, 'unprotectRtp', sealed(sender, 'protectRtp', packet))).toEqual(packet);
    };
    for (const sequence of [65_000, 100]) send(sequence, 1);
    for (const sequence of [5, 6]) send(sequence, 2);
    for (const sequence of [101, 102]) send(sequence, 1);
    send(7, 2);
  });

  test('no index is encrypted twice', () => {
    const { sender } = connect(subject);
    for (const sequence of [10, 12, 11, 300]) sealed(sender, 'protectRtp', rtpPacket(sequence));
    for (const sequence of [10, 11, 12, 13, 300]) expect(run(sender, 'protectRtp', rtpPacket(sequence))).toBe(srtpReplayed);
    expect(run(sender, 'protectRtp', rtpPacket(0xffff))).toBe(srtpReplayed);
  });

  test('forged packets of 5,000 SSRCs leave room for the true one', () => {
    const { sender, receiver } = connect(subject);
    for (let source = 0; source < 5000; source++) {
      const forged = rtpPacket(source, undefined, source);
      expect(receiver.unprotectRtp(forged, 0, forged.length)).toBe(srtpUnauthentic);
    }
    expect(run(receiver, 'unprotectRtp', sealed(sender, 'protectRtp', rtpPacket(1)))).toBeInstanceOf(Uint8Array);
  });

  test('a peer with more SSRCs than any call has is not heard on the further ones', () => {
    const receiver = connect(subject).receiver;
    const results = Array.from({ length: 200 }, (_, source) => {
      const { sender } = connect(subject);
      return run(receiver, 'unprotectRtp', sealed(sender, 'protectRtp', rtpPacket(1, undefined, source)));
    });
    expect(results.filter((result) => typeof result !== 'number')).toHaveLength(128);
    expect(results.filter((result) => result === srtpReplayed)).toHaveLength(72);
  });

  test('packets too short, or not RTP, are malformed', () => {
    const { sender, receiver } = connect(subject);
    for (const packet of [
      new Uint8Array(0),
      bytesOf('8000'),
      new Uint8Array(200),
      rtpPacket(1).subarray(0, 11),
      bytesOf('9f0000010000000000000000'),
    ]) {
      expect(run(sender, 'protectRtp', packet)).toBe(srtpMalformed);
      expect(run(receiver, 'unprotectRtp', packet)).toBe(srtpMalformed);
    }
    for (const packet of [new Uint8Array(0), new Uint8Array(7).fill(0x80), new Uint8Array(100)]) {
      expect(run(sender, 'protectRtcp', packet)).toBe(srtpMalformed);
      expect(run(receiver, 'unprotectRtcp', packet)).toBe(srtpMalformed);
    }
  });

  test('unencrypted SRTCP is refused', () => {
    const { sender, receiver } = connect(subject);
    const wire = sealed(sender, 'protectRtcp', rtcpPacket);
    const flag = (wire.length - srtpProfiles[profile].rtcpIndexFromEnd) * 8 + 7;
    expect(run(receiver, 'unprotectRtcp', flipped(wire, flag))).toBe(srtpUnauthentic);
  });

  test('a context has one direction, and keys of one length', () => {
    const { sender, receiver } = connect(subject);
    expect(() => sender.unprotectRtp(rtpPacket(1), 0, 172)).toThrow('one direction');
    expect(() => receiver.protectRtp(new Uint8Array(200), 0, 172)).toThrow('one direction');
    expect(() => connect(subject, { ...keysOf(profile), masterKey: new Uint8Array(15) })).toThrow(RangeError);
    expect(() => connect(subject, { ...keysOf(profile), masterSalt: new Uint8Array(13) })).toThrow(RangeError);
    sender.close();
    receiver.close();
  });
});

test.each(drivers)('$name: unencrypted SRTCP is refused though its tag is right', (driver) => {
  const profile = 'SRTP_AES128_CM_HMAC_SHA1_80';
  const { masterKey, masterSalt } = keysOf(profile);
  const { authKey } = deriveSessionKeys(profile, masterKey, masterSalt).rtcp;
  const covered = new Uint8Array([...rtcpPacket, 0, 0, 0, 1]);
  const tag = createHmac('sha1', authKey).update(covered).digest().subarray(0, 10);
  expect(run(connect({ driver, profile }).receiver, 'unprotectRtcp', new Uint8Array([...covered, ...tag]))).toBe(srtpUnauthentic);
});
