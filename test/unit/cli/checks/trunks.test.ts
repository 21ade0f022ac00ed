import { beforeEach, describe, expect, test } from 'vitest';
import { checkTrunks } from '../../../../src/cli/checks/trunks.ts';
import { FakeEnvironment } from '../fake-environment.ts';
import { levels, local, trunk } from './local-config.ts';

let environment: FakeEnvironment;
beforeEach(() => {
  environment = new FakeEnvironment();
});

describe('trunks', () => {
  const check = async (more: object = {}) => checkTrunks(local({ trunks: [{ ...trunk, ...more }] }), environment);

  test('must resolve', async () => {
    const findings = levels(await check({ target: 'sip:nowhere.example' }));
    expect(findings).toEqual([
      expect.stringContaining('problem trunk carrier: sip:nowhere.example cannot be found: nowhere.example does not resolve'),
    ]);
  });

  test('that answer are fine, whatever they say; but for a few answers that mean something', async () => {
    expect(levels(await check())).toEqual([
      'ok trunk carrier: sip:192.0.2.7 is 192.0.2.7',
      'ok trunk carrier: answers OPTIONS with 200 OK in 12 ms',
    ]);
    environment.answers.set('192.0.2.7', { status: 405, reason: 'Method Not Allowed' });
    expect((await check())[1]?.level).toBe('ok');
    environment.answers.set('192.0.2.7', { status: 403, reason: 'Forbidden' });
    expect((await check())[1]).toMatchObject({ level: 'warning', advice: expect.stringContaining('does not want us') });
    environment.answers.set('192.0.2.7', { status: 503, reason: 'Service Unavailable' });
    expect((await check({ pingSec: 30 }))[1]).toMatchObject({ level: 'warning', advice: expect.stringContaining('counts as down') });
  });

  test.each([
    ['ECONNREFUSED', 0, 'problem', 'nobody listens there'],
    ['ETIMEDOUT', 0, 'warning', 'there is no answer'],
    ['ETIMEDOUT', 30, 'problem', 'there is no answer'],
    ['ENETUNREACH', 0, 'problem', 'no way to that network'],
  ])('that do not (%s, pingSec %i): %s', async (code, pingSec, level, words) => {
    environment.answers.set('192.0.2.7', code);
    const [, finding] = await check({ pingSec });
    expect(finding).toMatchObject({ level, text: expect.stringContaining(words), advice: expect.stringMatching(/look at|look for/) });
  });
});
