import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSockaddr, sockaddrSlotBytes, writeSockaddr } from '../../../src/native/sockaddr.ts';

function roundTrip(host: string, port: number) {
  const bytes = new Uint8Array(2 * sockaddrSlotBytes).fill(0xee);
  writeSockaddr(bytes, sockaddrSlotBytes, { host, port });
  expect(bytes.subarray(0, sockaddrSlotBytes)).toEqual(new Uint8Array(sockaddrSlotBytes).fill(0xee));
  return readSockaddr(bytes, sockaddrSlotBytes);
}

test('an IPv4 address comes back as it was written', () => {
  fc.assert(
    fc.property(fc.ipV4(), fc.integer({ min: 0, max: 65535 }), (host, port) => {
      expect(roundTrip(host, port)).toEqual({ host, port });
    }),
  );
});

test('an IPv6 address comes back in the one form that node prints', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.integer({ min: 0, max: 65535 }), (host, port) => {
      fc.pre(isIPv6(host));
      const [canonical] = new URL(`http://[${host}]`).hostname.slice(1, -1).split('%');
      expect(roundTrip(host, port)).toEqual({ host: canonical, port });
    }),
  );
});

test.each(['::', '::1', '1::', '2001:db8::10', '::ffff:192.0.2.1', 'fe80::1:0:0:2'])(
  '%s is read back as an address of the same bytes',
  (host) => {
    const again = roundTrip(host, 5060);
    expect(roundTrip(again.host, 5060)).toEqual(again);
  },
);
