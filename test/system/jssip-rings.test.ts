/** What happens before anybody answers, in a real browser. */

import { expect, test } from 'vitest';
import { callOut } from '../support/browser-calls.ts';
import { describeWith } from '../support/needs.ts';
import { expectTonesBothWays, useStage } from '../support/system.ts';
import { Spectrum } from '../support/tone-meter.ts';
import { until } from '../support/until.ts';

describeWith(['chromium'], 'JsSIP, before the answer', () => {
  const stage = useStage({ library: 'jssip' });

  test('hears early media, and the answer goes on from there', async () => {
    const phone = await stage.phone();
    await phone.call('15550123');
    const call = await stage.trunk.nextCall();
    call.progress();
    call.rtp.sendTone();
    await phone.reaches('early');
    await until('early media', async () => {
      const { samples, rate } = await phone.record(0.5).catch(() => ({ samples: new Float32Array(1), rate: 8000 }));
      const { frequencyHz, levelDbfs } = new Spectrum(samples, rate).strongest();
      return levelDbfs > -15 && Math.abs(frequencyHz - 1004) < 3;
    });
    call.answer();
    await phone.reaches('talking');
    await expectTonesBothWays(phone, call);
    await phone.hangUp();
    await call.requested('BYE');
  });

  test('is told that the number is busy', async () => {
    const phone = await stage.phone();
    stage.trunk.onCall = (call) => call.reject(486, 'Busy Here');
    await phone.call('15550123');
    await phone.reaches('ended');
    expect(await phone.events()).toContain('failed: Busy');
    await (await stage.trunk.nextCall()).requested('ACK');
    stage.trunk.onCall = (call) => call.ring();
  });

  test('gives up while it rings', async () => {
    const phone = await stage.phone();
    await phone.call('15550123');
    const call = await stage.trunk.nextCall();
    await phone.reaches('early');
    await phone.hangUp();
    await call.requested('CANCEL');
    await call.requested('ACK');
    await phone.reaches('ended');
  });

  test('rings on two pages; one answers, the other stops', async () => {
    const [left, right] = [await stage.phone(), await stage.phone()];
    const call = await stage.trunk.call(stage.gateway.listeners.udp, '+15550100');
    await Promise.all([left.reaches('ringing'), right.reaches('ringing')]);
    await right.answer();
    await call.responded(200);
    await Promise.all([left.reaches('ended'), right.reaches('talking')]);
    await expectTonesBothWays(right, call);
    await call.bye();
    await right.reaches('ended');
  });

  test('declines', async () => {
    const phone = await stage.phone();
    const call = await stage.trunk.call(stage.gateway.listeners.udp, '+15550100');
    await phone.reaches('ringing');
    await phone.hangUp();
    const refusal = await call.next('a refusal', ({ startLine }) => /^SIP\/2.0 [456]/.test(startLine));
    expect(refusal.startLine).toMatch(/ (480|486|603) /);
  });

  test('stops ringing when the caller gives up', async () => {
    const phone = await stage.phone();
    const call = await stage.trunk.call(stage.gateway.listeners.udp, '+15550100');
    await phone.reaches('ringing');
    call.cancel();
    await call.responded(487);
    await phone.reaches('ended');
  });

  test('talks though its offer names nothing but an mDNS host', async () => {
    const { phone, call } = await callOut(stage, { microphone: false });
    await expectTonesBothWays(phone, call);
    await call.bye();
    await phone.reaches('ended');
  });
});

describeWith(['chromium'], 'A tab that is closed', () => {
  const stage = useStage({ library: 'jssip', config: { call: { graceSec: 2 } } });

  test('takes its call with it, after the grace', async () => {
    const { phone, call } = await callOut(stage);
    await until('audio', () => call.rtp.packets.length > 10);
    await phone.close();
    await call.requested('BYE', 45_000);
  }, 60_000);
});
