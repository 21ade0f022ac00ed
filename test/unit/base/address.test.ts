import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatAddress, isLoopback, isPrivateAddress, parseAddress } from '../../../src/base/address.ts';

test('an address is read back from its text', () => {
  const host = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('gw.example.com'));
  fc.assert(
    fc.property(host, fc.nat(65535), (name, port) => {
      expect(parseAddress(formatAddress({ host: name, port }))).toEqual({ host: name, port });
    }),
  );
});

test('anything else is no address, and never an error', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseAddress(text);
      if (parsed) expect(parsed.port).toBeLessThanOrEqual(65535);
    }),
  );
});

test.each(['', ':5060', 'host', 'host:', 'host:65536', 'host:-1', '::1:5060', '[::1]', '[nonsense]:5060'])('%j is refused', (text) => {
  expect(parseAddress(text)).toBeUndefined();
});

test.each([
  ['127.0.0.1', true, true],
  ['::1', true, true],
  ['10.1.2.3', false, true],
  ['172.31.255.255', false, true],
  ['100.64.0.1', false, true],
  ['fe80::1', false, true],
  ['8.8.8.8', false, false],
  ['2001:db8::1', false, false],
  ['a name', false, false],
])('%s: loopback %s, private %s', (host, loopback, privateAddress) => {
  expect([isLoopback(host), isPrivateAddress(host)]).toEqual([loopback, privateAddress]);
});
