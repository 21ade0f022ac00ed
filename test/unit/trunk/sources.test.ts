import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HostSet } from '../../../src/trunk/sources.ts';

describe('hosts and subnets', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9', true],
    ['203.0.113.9', '203.0.113.10', false],
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.77/24', '203.0.113.1', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['0.0.0.0/0', '8.8.8.8', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['::ffff:192.0.2.1', '::ffff:c000:201', true],
    ['fe80::', 'fe80::', true],
    ['203.0.113.9', 'gw.example.com', false],
    ['203.0.113.9', '', false],
  ])('%s, %s: %s', (source, host, inside) => {
    expect(new HostSet([source]).has(host)).toBe(inside);
  });

  test('an empty set holds nobody', () => {
    expect(new HostSet([]).has('203.0.113.9')).toBe(false);
  });

  test.each(['gw.example.com', '203.0.113.0/33', '2001:db8::/129', '203.0.113.0/x', ''])('%s is no source', (source) => {
    expect(() => new HostSet([source])).toThrow();
  });
});

test('agrees with the block list of Node', () => {
  const ipv6 = fc.ipV6().filter((host) => !host.includes('.'));
  const pairs = fc.oneof(
    fc.tuple(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.constant('ipv4' as const)),
    fc.tuple(ipv6, ipv6, fc.integer({ min: 0, max: 128 }), fc.constant('ipv6' as const)),
  );
  fc.assert(
    fc.property(pairs, ([network, host, prefix, family]) => {
      const reference = new BlockList();
      reference.addSubnet(network, prefix, family);
      const set = new HostSet([`${network}/${prefix}`]);
      expect(set.has(host)).toBe(reference.check(host, family));
      expect(set.has(network)).toBe(true);
    }),
  );
});
