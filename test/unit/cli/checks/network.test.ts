import { beforeEach, describe, expect, test } from 'vitest';
import { checkAdvertised, checkNetwork } from '../../../../src/cli/checks/network.ts';
import { parseConfig } from '../../../../src/config/load.ts';
import { FakeEnvironment } from '../fake-environment.ts';
import { levels, local, trunk } from './local-config.ts';

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
});

describe('the network', () => {
  test('a private address is told to no trunk in the internet', async () => {
    const config = (advertise: string) => local({ trunks: [trunk], sip: { udp: '127.0.0.1:0', tcp: null, advertise } });
    const findings = async (advertise: string) => levels(await checkNetwork(config(advertise), environment));
    expect((await findings('10.0.0.5')).at(-1)).toBe(
      'problem sip.advertise: 10.0.0.5 is private, but these trunks are in the internet: carrier',
    );
    expect((await findings('203.0.113.5')).at(-1)).toContain('ok ');
  });

  test('pages for others need https', async () => {
    const findings = await checkNetwork(local({ http: { listen: '0.0.0.0:0' } }), environment);
    expect(levels(findings)[0]).toContain('warning http listens for other machines');
  });

  test('behind NAT the public address must be told', () => {
    const media = { browser: { bind: '0.0.0.0' }, trunk: { bind: '0.0.0.0' } };
    const wide = (more: object = {}) => parseConfig({ media, trunks: [trunk], ...more });
    const privateOnly = ['127.0.0.1', '10.0.0.5'];
    expect(checkAdvertised(wide(), privateOnly).map(({ level }) => level)).toEqual(['warning', 'warning', 'warning']);
    expect(checkAdvertised(wide(), ['127.0.0.1', '203.0.113.5']).map(({ level }) => level)).toEqual(['ok', 'ok', 'ok']);
    expect(checkAdvertised(wide(), [...privateOnly, '2001:db8::5']).map(({ level }) => level)).toEqual(['warning', 'warning', 'warning']);
    const told = wide({
      sip: { advertise: '203.0.113.5' },
      media: { browser: { advertise: '203.0.113.5' }, trunk: { advertise: '10.0.0.5' } },
    });
    expect(checkAdvertised(told, privateOnly).map(({ level, text }) => [level, text.includes('translated')])).toEqual([
      ['ok', true],
      ['ok', false],
      ['ok', true],
    ]);
  });
});
