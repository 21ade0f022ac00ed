/** Re-INVITEs and UPDATEs of the carrier: answered from what is known, the browser is asked only when it must change. */

import { describe, expect, test } from 'vitest';
import { codecsOf, identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';

async function talking(direction: 'outbound' | 'inbound' = 'outbound', codecs: readonly string[] | null = null) {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  if (direction === 'inbound') {
    const call = await stage.inbound(alice);
    return { stage, ...call };
  }
  const browser = alice.call('+15550123');
  await stage.advance(100);
  const trunk = stage.carrier.lastCall;
  trunk.audio.codecs = codecs;
  trunk.answer();
  await stage.advance(100);
  stage.relay.last.connected();
  browser.log.length = 0;
  trunk.log.length = 0;
  return { stage, browser, trunk };
}

describe.each(['outbound', 'inbound'] as const)('in an %s call', (direction) => {
  test('a new address and port: the relay follows, the browser hears nothing', async () => {
    const { stage, browser, trunk } = await talking(direction);
    Object.assign(trunk.audio, { host: '198.51.100.77', port: 31000 });
    trunk.session.reinvite(trunk.audio.offer());
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer sendrecv']);
    expect(browser.log).toEqual([]);
    expect(stage.relay.last.trunk.trunk.rtp).toEqual({ host: '198.51.100.77', port: 31000 });
  });

  test('another order of codecs: the browser hears nothing', async () => {
    const { stage, browser, trunk } = await talking(direction);
    trunk.audio.codecs = ['PCMA', 'PCMU'];
    trunk.session.reinvite(trunk.audio.offer());
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer sendrecv']);
    expect(browser.log).toEqual([]);
  });

  test('another codec: the browser is re-INVITEd, and stays who it is', async () => {
    const { stage, browser, trunk } = await talking(direction);
    const before = identityOf(browser.sdp);
    trunk.audio.codecs = ['PCMA'];
    trunk.session.reinvite(trunk.audio.offer());
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer sendrecv']);
    expect(browser.log).toEqual(['offer sendrecv', 'ack']);
    expect(codecsOf(browser.sdp)).toBe('PCMA telephone-event');
    expect(identityOf(browser.sdp)).toEqual(before);
    const { browser: leg } = stage.relay.last;
    expect(leg.browser.receive.map(({ encoding }) => encoding)).toEqual(['PCMA', 'telephone-event']);
  });

  test('the same again, a session refresh: the same answer byte for byte, the browser hears nothing', async () => {
    const { stage, browser, trunk } = await talking(direction);
    trunk.session.reinvite(trunk.audio.offer());
    await stage.advance(500);
    const answer = trunk.sdp;
    trunk.session.reinvite(trunk.audio.offer());
    await stage.advance(500);
    expect(trunk.sdp).toBe(answer);
    expect(browser.log).toEqual([]);
  });

  test('no codec in common: 488, and the call goes on as it was', async () => {
    const { stage, browser, trunk } = await talking(direction);
    const told = stage.relay.last.trunk.remotes.length;
    const offer = trunk.audio.offer().replace(/^m=audio.*$/m, 'm=audio 20000 RTP/AVP 18');
    trunk.session.reinvite(offer);
    await stage.advance(500);
    expect(trunk.log).toEqual(['refused 488']);
    expect(browser.log).toEqual([]);
    expect(stage.relay.last.trunk.remotes).toHaveLength(told);
    trunk.hold();
    await stage.advance(500);
    expect(browser.log).toEqual(['offer sendonly', 'ack']);
  });

  test('a refused offer that held leaves nobody on hold', async () => {
    const { stage, browser, trunk } = await talking(direction);
    trunk.audio.wish = 'sendonly';
    trunk.session.reinvite(trunk.audio.offer().replace(/^m=audio.*$/m, 'm=audio 20000 RTP/AVP 18'));
    await stage.advance(500);
    browser.digit('1');
    browser.session.reinvite(browser.audio.offer());
    await stage.advance(500);
    expect(browser.log).toEqual(['answer sendrecv']);
    expect(stage.happened).not.toContain('call.held trunk');
  });

  test('an offer without SDP is answered with what is in use', async () => {
    const { stage, browser, trunk } = await talking(direction);
    trunk.session.reinvite(null);
    await stage.advance(100);
    expect(trunk.log).toEqual(['answer sendrecv']);
    expect(codecsOf(trunk.sdp)).toBe('PCMU PCMA telephone-event');
    Object.assign(trunk.audio, { port: 24000 });
    trunk.session.acknowledge(trunk.audio.answer(trunk.sdp));
    await stage.advance(500);
    expect(stage.relay.last.trunk.trunk.rtp?.port).toBe(24000);
    expect(browser.log).toEqual([]);
  });

  test('UPDATE with an offer', async () => {
    const { stage, browser, trunk } = await talking(direction);
    trunk.audio.wish = 'sendonly';
    trunk.session.update(trunk.audio.offer());
    await stage.advance(500);
    expect(trunk.log).toEqual(['answer recvonly']);
    expect(browser.log).toEqual(['offer sendonly', 'ack']);
  });
});

test('a codec that is offered besides the one in use is left out: the browser could not play it', async () => {
  const { stage, browser, trunk } = await talking('outbound', ['PCMU']);
  trunk.audio.codecs = ['PCMA', 'PCMU'];
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(500);
  expect(codecsOf(trunk.sdp)).toBe('PCMU telephone-event');
  expect(browser.log).toEqual([]);
});

test('a browser that refuses the other codec ends the call, which would be silent', async () => {
  const { stage, browser, trunk } = await talking('outbound', ['PCMU']);
  browser.replyTo = () => 488;
  trunk.audio.codecs = ['PCMA'];
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(500);
  expect(trunk.log).toEqual(['answer sendrecv', 'ended remote']);
  expect(browser.log).toEqual(['offer sendrecv', 'ended remote']);
  expect(stage.record.end).toMatchObject({ cause: 'unsupported-media', side: 'browser' });
});

test('a packet time that changes is told to the relay', async () => {
  const { stage, trunk } = await talking();
  Object.assign(trunk.audio, { ptimeMs: 30 });
  trunk.session.reinvite(trunk.audio.offer());
  await stage.advance(500);
  expect(stage.relay.last.trunk.trunk.ptimeMs).toBe(30);
});

test('a browser asks for an offer', async () => {
  const { stage, browser, trunk } = await talking();
  const before = identityOf(browser.sdp);
  browser.session.reinvite(null);
  await stage.advance(100);
  expect(identityOf(browser.sdp)).toEqual(before);
  browser.session.acknowledge(browser.audio.answer(browser.sdp));
  await stage.advance(500);
  expect(browser.log).toEqual(['answer sendrecv']);
  expect(trunk.log).toEqual([]);
});

test('an answer that never comes with the ACK ends the call', async () => {
  const { stage, browser, trunk } = await talking();
  trunk.session.reinvite(null);
  await stage.advance(100);
  trunk.session.acknowledge('');
  await stage.advance(500);
  expect(trunk.log.at(-1)).toBe('ended remote');
  expect(browser.log).toEqual(['ended remote']);
});
