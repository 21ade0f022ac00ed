/** DTMF: what one end presses the other hears once, as RFC 4733 events or as INFO, never as both. */

import { describe, expect, test } from 'vitest';
import { codecsOf } from '../support/call-sdp.ts';
import { CallStage, type StageOptions } from '../support/call-stage.ts';
import { earlyRequest } from '../support/early-request.ts';

async function talking(options: StageOptions & { carrierEvents?: boolean } = {}) {
  const stage = await CallStage.open(options);
  const alice = await stage.browser('alice');
  const browser = alice.call('+15550123');
  await stage.advance(100);
  const trunk = stage.carrier.lastCall;
  Object.assign(trunk.audio, { telephoneEvents: options.carrierEvents ?? true });
  trunk.answer();
  await stage.advance(100);
  stage.relay.last.connected();
  browser.log.length = 0;
  trunk.log.length = 0;
  return { stage, alice, browser, trunk, media: stage.relay.last };
}

describe('from the browser', () => {
  test('INFO becomes an RFC 4733 event for a carrier that takes them', async () => {
    const { stage, browser, trunk, media } = await talking();
    browser.digit('5', 200);
    await stage.advance(100);
    expect(media.trunk.digits).toEqual(['5 200']);
    expect(trunk.log).toEqual([]);
    expect(stage.happened).toContain('dtmf 5 from browser');
  });

  test('INFO stays INFO for one that does not', async () => {
    const { stage, browser, trunk, media } = await talking({ carrierEvents: false });
    browser.digit('#');
    await stage.advance(100);
    expect(trunk.log).toEqual(['info #']);
    expect(media.trunk.digits).toEqual([]);
  });

  test('an RFC 4733 event is passed on by the relay itself, and told once', async () => {
    const { stage, trunk, media } = await talking();
    media.digit(media.browser, '7');
    await stage.advance(100);
    expect(media.trunk.digits).toEqual([]);
    expect(trunk.log).toEqual([]);
    expect(stage.happened.filter((event) => event.startsWith('dtmf'))).toEqual(['dtmf 7 from browser']);
  });

  test('an RFC 4733 event becomes INFO for a carrier that takes none', async () => {
    const { stage, trunk, media } = await talking({ carrierEvents: false });
    media.digit(media.browser, '7');
    await stage.advance(100);
    expect(trunk.log).toEqual(['info 7']);
  });

  test.each([
    ['during early media it reaches the announcement', true, '200 INFO', ['1 100']],
    ['before anybody hears it is refused, not swallowed', false, '480 INFO', []],
  ] as const)('INFO before the answer: %s', async (_what, early, answer, digits) => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    if (early) stage.carrier.lastCall.earlyMedia();
    else stage.carrier.lastCall.ring();
    await stage.advance(100);
    const isDigit = [['Content-Type', 'application/dtmf-relay']] as const;
    alice.link.a.send(earlyRequest(call, 'INFO', isDigit, 'Signal=1\r\nDuration=100\r\n'));
    await stage.advance(100);
    expect(alice.link.sentBy('b').at(-1)).toBe(answer);
    expect(stage.relay.last.trunk.digits).toEqual(digits);
  });
});

describe('from the carrier', () => {
  test('INFO becomes an RFC 4733 event', async () => {
    const { stage, browser, trunk, media } = await talking();
    trunk.digit('9', 150);
    await stage.advance(100);
    expect(media.browser.digits).toEqual(['9 150']);
    expect(browser.log).toEqual([]);
    expect(stage.happened).toContain('dtmf 9 from trunk');
  });

  test('an event is INFO for a user who wants INFO, who negotiates no events', async () => {
    const { stage, browser, media } = await talking({ dtmfByInfo: ['alice'] });
    expect(codecsOf(browser.sdp)).toBe('PCMU PCMA');
    media.digit(media.trunk, '3', 180);
    await stage.advance(100);
    expect(browser.log).toEqual(['info 3']);
    expect(media.browser.digits).toEqual([]);
    expect(stage.happened.filter((event) => event.startsWith('dtmf'))).toEqual(['dtmf 3 from trunk']);
  });

  test('INFO stays INFO for a user who wants INFO', async () => {
    const { stage, browser, trunk } = await talking({ dtmfByInfo: ['alice'] });
    trunk.digit('A');
    await stage.advance(100);
    expect(browser.log).toEqual(['info A']);
  });
});

describe('INFO that is no digit', () => {
  test.each([
    ['of another type', 'application/media_control+xml', '<x/>', '415 INFO'],
    ['without a signal', 'application/dtmf-relay', 'Duration=100\r\n', '415 INFO'],
    ['with a signal of two', 'application/dtmf-relay', 'Signal=12\r\nDuration=100\r\n', '415 INFO'],
    ['full of garbage', 'application/dtmf-relay', '\0\u00ff=\r\n=Signal=\r\n\r\n', '415 INFO'],
    ['empty, as a keep-alive', 'application/dtmf-relay', '', '200 INFO'],
  ])('%s', async (_what, type, body, answer) => {
    const { stage, alice, browser, trunk, media } = await talking();
    browser.session.info(type, body);
    await stage.advance(100);
    expect(alice.link.sentBy('b').at(-1)).toBe(answer);
    expect([trunk.log, media.trunk.digits, stage.happened.at(-1)]).toEqual([[], [], 'call.media']);
  });
});

test('digits in a row arrive in a row', async () => {
  const { stage, browser, media } = await talking();
  for (const digit of '12*#') browser.digit(digit, 100);
  await stage.advance(100);
  expect(media.trunk.digits).toEqual(['1 100', '2 100', '* 100', '# 100']);
});
