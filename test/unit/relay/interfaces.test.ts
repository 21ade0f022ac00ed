import { networkInterfaces } from 'node:os';
import { describe, expect, test } from 'vitest';
import { isIpv6, isLoopback } from '../../../src/base/address.ts';
import { expandAddress } from '../../../src/relay/io/interfaces.ts';

const known = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
const outside = known.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);

describe('the addresses behind a bind address', () => {
  test('an address stands for itself', async () => {
    expect(await expandAddress('127.0.0.1', false)).toEqual(['127.0.0.1']);
    expect(await expandAddress('192.0.2.200', true)).toEqual(['192.0.2.200']);
  });

  test('a wildcard stands for each address, without loopback if there is another', async () => {
    const addresses = await expandAddress('0.0.0.0', false);
    if (outside.length > 0) expect([...addresses].sort()).toEqual([...outside].sort());
    else expect(addresses).toEqual(['127.0.0.1']);
  });

  test('loopback comes with it when asked for, last', async () => {
    const addresses = await expandAddress('0.0.0.0', true);
    expect(addresses.filter((host) => isLoopback(host))).toEqual(['127.0.0.1']);
    expect(addresses.at(-1)).toBe('127.0.0.1');
  });

  test('the IPv6 wildcard means both families, the IPv4 one only its own', async () => {
    expect((await expandAddress('0.0.0.0', true)).some(isIpv6)).toBe(false);
    const both = await expandAddress('::', true);
    expect(both.some((host) => !isIpv6(host))).toBe(true);
    expect(both.every((host) => !host.startsWith('fe80'))).toBe(true);
  });
});
