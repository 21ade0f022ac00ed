import { describe, expect, test } from 'vitest';
import { compareConfigs } from '../../../src/config/difference.ts';
import { parseConfig } from '../../../src/config/load.ts';
import type { ConfigInput } from '../../../src/config/schema.ts';

const trunks = [{ name: 'carrier', target: 'sip:192.0.2.1' }];
const outbound = [{ match: '^[0-9]+$', trunk: 'carrier' }];
const https = { listen: '127.0.0.1:0', cert: 'a.pem', key: 'a.key' };
const before: ConfigInput = { trunks, routes: { outbound, inbound: [] }, https };

function changed(after: ConfigInput): object {
  return compareConfigs(parseConfig(before), parseConfig({ ...before, ...after }));
}

describe('a changed configuration', () => {
  test('that says the same changes nothing, patterns included', () => {
    expect(changed({})).toEqual({ live: [], restart: [] });
  });

  test('is taken over in users, trunks, routes and files of the certificate', () => {
    expect(changed({ users: [{ name: 'alice', password: 'a long one' }] })).toEqual({ live: ['users'], restart: [] });
    expect(changed({ routes: { outbound: [{ match: '^[0-9]{3}$', trunk: 'carrier' }], inbound: [] } })).toEqual({
      live: ['routes'],
      restart: [],
    });
    expect(changed({ trunks: [{ ...trunks[0], pingSec: 30 }] })).toEqual({ live: ['trunks'], restart: [] });
    expect(changed({ https: { ...https, cert: 'b.pem', key: 'b.key' } })).toEqual({ live: ['https.cert', 'https.key'], restart: [] });
  });

  test('needs a restart elsewhere, named by key', () => {
    expect(changed({ domain: 'other.example', media: { trunk: { ports: [30000, 30099] } } })).toEqual({
      live: [],
      restart: ['domain', 'media.trunk.ports'],
    });
    expect(changed({ https: null })).toEqual({ live: [], restart: ['https'] });
    expect(changed({ https: { ...https, listen: '127.0.0.1:8443' } })).toEqual({ live: [], restart: ['https.listen'] });
  });
});
