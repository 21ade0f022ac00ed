import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCode, unknownAttributes, xorMappedAddress } from '../../../src/stun/values.ts';

const zeros = new Uint8Array(12);
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** The address bytes with the XOR undone, which here concerns the first four only. */
function plain(host: string): string {
  const value = xorMappedAddress({ host, port: 1 }, zeros).value.slice(4);
  const cookie = [0x21, 0x12, 0xa4, 0x42];
  return hex(value.map((byte, i) => byte ^ (cookie[i] ?? 0)));
}

describe('XOR-MAPPED-ADDRESS', () => {
  test.each([
    ['192.0.2.1', 'c0000201'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['2001:db8::', '20010db8000000000000000000000000'],
    ['2001:db8:1:2:3:4:5:6', '20010db8000100020003000400050006'],
    ['2001:db8::5:6', '20010db8000000000000000000050006'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ])('%s', (host, bytes) => {
    expect(plain(host)).toBe(bytes);
  });

  test('every byte of an IPv6 address is masked by cookie and transaction ID', () => {
    const transactionId = Uint8Array.from({ length: 12 }, (_, i) => i + 1);
    expect(hex(xorMappedAddress({ host: '::', port: 0x2112 }, transactionId).value)).toBe('000200002112a4420102030405060708090a0b0c');
  });

  test('an IPv4 address comes out again', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65535 }), (host, port) => {
        const { value } = xorMappedAddress({ host, port }, zeros);
        expect(value.slice(0, 2)).toEqual(Uint8Array.of(0, 1));
        expect((((value[2] as number) << 8) | (value[3] as number)) ^ 0x2112).toBe(port);
        expect(Buffer.from(plain(host), 'hex').join('.')).toBe(host);
      }),
    );
  });

  test('a name is no address', () => {
    expect(() => xorMappedAddress({ host: 'localhost', port: 1 }, zeros)).toThrow(RangeError);
  });
});

test('ERROR-CODE is class and number, then the reason', () => {
  expect(hex(errorCode(487).value)).toBe(`00000457${Buffer.from('Role Conflict').toString('hex')}`);
});

test('UNKNOWN-ATTRIBUTES lists types', () => {
  expect(hex(unknownAttributes([0x001c, 0x7fff]).value)).toBe('001c7fff');
});
