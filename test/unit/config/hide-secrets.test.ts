import { expect, test } from 'vitest';
import { hideSecrets } from '../../../src/config/hide-secrets.ts';
import { parseConfig } from '../../../src/config/load.ts';

const config = parseConfig({
  users: [{ name: 'alice', password: 'hunter2-alice' }],
  trunks: [{ name: 'carrier', target: 'sip:192.0.2.1', auth: { username: 'gw', password: 'hunter2-trunk' } }],
  routes: { outbound: [{ match: '^[0-9]+$', trunk: 'carrier' }], inbound: [] },
  webhooks: [{ url: 'https://example.com/hunter2', secret: 'hunter2-hunter2-hook' }],
  hep: { target: '192.0.2.2:9060', password: 'hunter2-hep' },
});

test('secrets are hidden wherever the schema says so', () => {
  const shown = hideSecrets(config);
  expect(JSON.stringify(shown)).not.toContain('hunter2');
  expect(shown).toMatchObject({
    users: [{ name: 'alice', password: '(hidden)' }],
    trunks: [{ auth: { username: 'gw', password: '(hidden)' } }],
    webhooks: [{ url: '(hidden)', secret: '(hidden)', filter: '' }],
    hep: { password: '(hidden)' },
  });
});

test('everything else is as it is in force', () => {
  const shown = hideSecrets(config);
  expect(Object.keys(shown).sort()).toEqual(Object.keys(config).sort());
  expect(shown).toMatchObject({
    https: null,
    http: { listen: { host: '127.0.0.1', port: 8080 } },
    routes: { outbound: [{ match: '^[0-9]+$' }] },
  });
});
