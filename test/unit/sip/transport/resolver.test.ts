import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../src/base/random.ts';
import { parseUri } from '../../../../src/sip/message/uri.ts';
import { orderByWeight, Resolver, type SrvRecord } from '../../../../src/sip/transport/resolver.ts';

interface Zone {
  readonly srv?: Record<string, SrvRecord[]>;
  readonly addresses?: Record<string, string[]>;
  readonly ttl?: number;
}

class Harness {
  now = 0;
  zone: Zone;
  readonly asked: string[] = [];
  readonly resolver: Resolver;

  constructor(zone: Zone, reaches?: (host: string) => boolean) {
    this.zone = zone;
    this.resolver = new Resolver({
      clock: { now: () => this.now },
      random: seededRandom(1),
      dns: {
        srv: async (name) => this.#answer(name, this.zone.srv?.[name]),
        addresses: async (name) =>
          this.#answer(name, this.zone.addresses?.[name]).map((address) => ({ address, ttl: this.zone.ttl ?? 60 })),
      },
      ...(reaches ? { reaches } : {}),
    });
  }

  async candidates(uri: string): Promise<string[]> {
    const servers = await this.resolver.candidates(parseUri(uri));
    return servers.map(({ transport, address }) => `${transport} ${address.host} ${address.port}`);
  }

  #answer<Record>(name: string, records: Record[] | undefined): Record[] {
    this.asked.push(name);
    if (!records) throw new Error(`ENOTFOUND ${name}`);
    return records;
  }
}

function srv(name: string, port: number, priority = 0, weight = 0): SrvRecord {
  return { name, port, priority, weight };
}

const zone: Zone = {
  srv: {
    '_sip._udp.example.com': [srv('b.example.com', 5070, 20), srv('a.example.com', 5080, 10)],
    '_sip._tcp.example.com': [srv('a.example.com', 5090)],
  },
  addresses: {
    'a.example.com': ['192.0.2.1', '2001:db8::1'],
    'b.example.com': ['192.0.2.2'],
    'example.com': ['192.0.2.3'],
    'plain.example': ['192.0.2.4'],
  },
};

describe('RFC 3263', () => {
  test.each([
    ['sip:192.0.2.9', ['udp 192.0.2.9 5060']],
    ['sip:192.0.2.9:5070;transport=tcp', ['tcp 192.0.2.9 5070']],
    ['sip:[2001:db8::9]', ['udp 2001:db8::9 5060']],
    ['sip:example.com:5062', ['udp 192.0.2.3 5062']],
    ['sip:example.com:5062;transport=TCP', ['tcp 192.0.2.3 5062']],
    ['sip:example.com', ['udp 192.0.2.1 5080', 'udp 2001:db8::1 5080', 'udp 192.0.2.2 5070']],
    ['sip:example.com;transport=tcp', ['tcp 192.0.2.1 5090', 'tcp 2001:db8::1 5090']],
    ['sip:plain.example', ['udp 192.0.2.4 5060']],
    ['sip:plain.example;transport=tcp', ['tcp 192.0.2.4 5060']],
  ])('%s', async (uri, expected) => {
    expect(await new Harness(zone).candidates(uri)).toEqual(expected);
  });

  test('a URI without transport whose domain offers TCP only goes by TCP', async () => {
    const harness = new Harness({ srv: { '_sip._tcp.t.example': [srv('h.example', 5061)] }, addresses: { 'h.example': ['192.0.2.5'] } });
    expect(await harness.candidates('sip:t.example')).toEqual(['tcp 192.0.2.5 5061']);
  });

  test('a numeric address and an explicit port ask for no SRV', async () => {
    const harness = new Harness(zone);
    await harness.candidates('sip:192.0.2.9');
    await harness.candidates('sip:example.com:5062');
    expect(harness.asked).toEqual(['example.com']);
  });

  test('a server of the SRV answer without address is passed over; "." is none', async () => {
    const records = [srv('gone.example', 1), srv('a.example.com', 2, 5)];
    const harness = new Harness({ ...zone, srv: { '_sip._udp.x.example': records, '_sip._udp.example.com': [srv('.', 0)] } });
    expect(await harness.candidates('sip:x.example')).toEqual(['udp 192.0.2.1 2', 'udp 2001:db8::1 2']);
    expect(await harness.candidates('sip:example.com;transport=udp')).toEqual(['udp 192.0.2.3 5060']);
  });

  test.each([
    'sip:nowhere.example',
    'sips:example.com',
    'sip:example.com;transport=tls',
    'sip:x7f3k2.invalid',
    'sip:invalid',
    'sip:a;transport',
  ])('%s is refused', async (uri) => {
    const harness = new Harness(zone);
    await expect(harness.candidates(uri)).rejects.toThrow();
    if (uri.includes('invalid')) expect(harness.asked).toEqual([]);
  });

  test('addresses that no socket reaches are left out', async () => {
    const harness = new Harness(zone, (host) => !host.includes(':'));
    expect(await harness.candidates('sip:example.com')).toEqual(['udp 192.0.2.1 5080', 'udp 192.0.2.2 5070']);
    await expect(harness.candidates('sip:[2001:db8::9]')).rejects.toThrow('reach');
  });
});

describe('memory', () => {
  test('answers are kept for their time to live, at least 5 s', async () => {
    const harness = new Harness({ addresses: { 'h.example': ['192.0.2.1'] }, ttl: 0 });
    const ask = (): Promise<string[]> => harness.candidates('sip:h.example:5060');
    await ask();
    harness.now = 4999;
    await ask();
    expect(harness.asked).toHaveLength(1);
    harness.now = 5000;
    harness.zone = { addresses: { 'h.example': ['192.0.2.2'] } };
    expect(await ask()).toEqual(['udp 192.0.2.2 5060']);
  });

  test('an answer is used an hour longer while DNS fails', async () => {
    const harness = new Harness(zone);
    await harness.candidates('sip:plain.example:5060');
    harness.zone = {};
    harness.now = 3_000_000;
    expect(await harness.candidates('sip:plain.example:5060')).toEqual(['udp 192.0.2.4 5060']);
    harness.now = 4_000_000;
    await expect(harness.candidates('sip:plain.example:5060')).rejects.toThrow('does not resolve');
  });

  test('a failure is not remembered', async () => {
    const harness = new Harness({});
    await expect(harness.candidates('sip:plain.example:5060')).rejects.toThrow();
    harness.zone = zone;
    expect(await harness.candidates('sip:plain.example:5060')).toEqual(['udp 192.0.2.4 5060']);
  });
});

describe('RFC 2782', () => {
  test('the share of first places follows the weights', () => {
    const records = [srv('a', 1, 0, 75), srv('b', 1, 0, 25), srv('c', 1, 1, 1000)];
    const random = seededRandom(7);
    const first = new Map<string, number>();
    for (let at = 0; at < 4000; at++) {
      const ordered = orderByWeight(records, random).map(({ name }) => name);
      expect(ordered).toHaveLength(3);
      expect(ordered[2]).toBe('c');
      first.set(ordered[0] ?? '', (first.get(ordered[0] ?? '') ?? 0) + 1);
    }
    expect((first.get('a') ?? 0) / 4000).toBeCloseTo(0.75, 1);
  });

  test('weight 0 everywhere keeps every server', () => {
    const records = [srv('a', 1), srv('b', 1), srv('c', 1)];
    expect(new Set(orderByWeight(records, seededRandom(1)).map(({ name }) => name)).size).toBe(3);
  });
});
