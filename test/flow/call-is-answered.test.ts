/** Calls that go well, in both directions: what each end hears, and what the other never sees. */

import { describe, expect, test } from 'vitest';
import { codecsOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';

describe('a browser calls a number', () => {
  test('that rings, answers and is hung up by the browser', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    stage.carrier.lastCall.answer();
    await stage.advance(100);
    expect(call.log).toEqual(['180', '200 sdp']);
    call.hangUp();
    await stage.advance(100);
    expect(stage.carrier.lastCall.log).toEqual(['ack', 'ended remote']);
    expect(stage.happened).toEqual(['call.started', 'call.ringing', 'call.answered', 'call.ended']);
    expect(alice.link.sentBy('b')).toEqual(['100 INVITE', '180 INVITE', '200 INVITE', '200 BYE']);
    expect(stage.trunkLink.sentBy('b')).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  test('that hangs up itself', async () => {
    const stage = await CallStage.open();
    const { browser, trunk } = await stage.outbound(await stage.browser('alice'));
    trunk.hangUp('Q.850;cause=16;text="Normal call clearing"');
    await stage.advance(100);
    expect(browser.log).toEqual(['ended remote']);
    expect(browser.reasons).toEqual(['Q.850;cause=16;text="Normal call clearing"']);
    expect(stage.record.end).toEqual({ cause: 'hung-up', side: 'trunk', q850: 16, detail: 'Normal call clearing' });
  });

  test('the answer is the first thing the carrier says', async () => {
    const stage = await CallStage.open();
    const { browser } = await stage.outbound(await stage.browser('alice'));
    expect(browser.responses.map(({ status }) => status)).toEqual([200]);
  });

  test('both ends agree on the codec that the carrier chose, and the relay is told before anybody else', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    const { trunk: leg } = stage.relay.last;
    const trunk = stage.carrier.lastCall;
    expect(codecsOf(trunk.sdp)).toBe('PCMU PCMA telephone-event');
    trunk.audio.codecs = ['PCMA'];
    trunk.answer();
    await stage.advance(100);
    expect(codecsOf(call.sdp)).toBe('PCMA telephone-event');
    expect(leg.trunk.send.map(({ payloadType }) => payloadType)).toEqual([8, 101]);
    expect(leg.trunk.rtp).toEqual({ host: '198.51.100.30', port: 20000 });
    expect(stage.relay.last.browser.browser.receive.map(({ payloadType }) => payloadType)).toEqual([8, 126]);
    expect(stage.relay.last.bridges).toEqual(['browser 1 - trunk 2']);
  });

  test('the carrier never sees the browser, and the browser never sees the carrier', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const { browser } = await stage.outbound(alice);
    browser.hangUp();
    await stage.advance(100);
    const toCarrier = stage.trunkLink.log.filter(({ from }) => from === 'b').map(({ bytes }) => Buffer.from(bytes).toString());
    const toBrowser = alice.link.log.filter(({ from }) => from === 'b').map(({ bytes }) => Buffer.from(bytes).toString());
    for (const message of toCarrier) expect(message).not.toMatch(/invalid|alice|192\.0\.2|ws;|\/WS|ice-|fingerprint|candidate|mid:/i);
    for (const message of toBrowser) expect(message).not.toMatch(/carrier|198\.51\.100\.9|198\.51\.100\.30|SIP\/2\.0\/UDP/);
    const invite = stage.carrier.lastCall.invite;
    expect(invite.headers.get('From')).toMatch(/^<sip:\+15550100@198\.51\.100\.5>;tag=/);
    expect(invite.headers.get('Max-Forwards')).toBe('69');
    expect(invite.headers.callId).not.toBe(browser.session.callId);
    const [head = '', description = ''] = toCarrier.find((message) => message.startsWith('INVITE '))?.split('\r\n\r\n') ?? [];
    expect(head).toContain('application/sdp');
    expect(description.length).toBeLessThan(900);
  });
});

describe('the carrier calls a user', () => {
  test('whose browser rings, answers and hangs up', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    alice.lastCall.ring();
    await stage.advance(100);
    alice.lastCall.answer();
    await stage.advance(100);
    expect(trunk.log).toEqual(['180', '200 sdp']);
    expect(alice.lastCall.log).toEqual(['ack']);
    alice.lastCall.hangUp();
    await stage.advance(100);
    expect(trunk.log).toEqual(['180', '200 sdp', 'ended remote']);
    expect(stage.record).toMatchObject({
      direction: 'inbound',
      user: 'alice',
      number: '+4930123',
      end: { cause: 'hung-up', side: 'browser' },
    });
  });

  test('who sees the number of the caller', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const { trunk } = await stage.inbound(alice);
    expect(alice.lastCall.invite.headers.get('From')).toMatch(/^<sip:\+4930123@example\.com>;tag=/);
    trunk.hangUp();
    await stage.advance(100);
    expect(alice.lastCall.log).toEqual(['ended remote']);
  });

  test('who sees nothing of a caller without a number', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    stage.carrier.call('alice', { from: '<sip:anonymous.invalid>' });
    await stage.advance(100);
    expect(alice.lastCall.invite.headers.get('From')).toMatch(/^<sip:anonymous@example\.com>;tag=/);
  });

  test('who is not registered', async () => {
    const stage = await CallStage.open();
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    expect(trunk.log).toEqual(['480']);
    expect(trunk.reasons).toEqual(['SIP;cause=480;text="nobody is registered"']);
  });

  test('whose connection is gone', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    alice.disconnect();
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    expect(trunk.log).toEqual(['480']);
  });

  test('who does not exist', async () => {
    const stage = await CallStage.open();
    const trunk = stage.carrier.call('nobody');
    await stage.advance(100);
    expect(trunk.log).toEqual(['404']);
  });
});

describe('hops', () => {
  test('a call with one hop left is passed on with none', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123', { maxForwards: 1 });
    await stage.advance(100);
    expect(stage.trunkLink.log[0]?.message.headers.get('Max-Forwards')).toBe('0');
    // The carrier would have to pass it on once more.
    expect(call.log).toEqual(['483']);
  });

  test('a call without any is refused with 483', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123', { maxForwards: 0 });
    await stage.advance(100);
    expect(call.log).toEqual(['483']);
    expect(stage.carrier.calls).toEqual([]);
  });
});

test('two calls at once do not mix', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const bob = await stage.browser('bob');
  const first = await stage.outbound(alice, '+15550001');
  const second = await stage.outbound(bob, '+15550002');
  const third = await stage.inbound(alice);
  first.browser.hold();
  await stage.advance(200);
  expect(first.trunk.log).toEqual(['offer sendonly', 'ack']);
  expect([second.trunk.log, third.trunk.log, second.browser.log, third.browser.log]).toEqual([[], [], [], []]);
  second.trunk.digit('5');
  await stage.advance(100);
  second.trunk.hangUp();
  await stage.advance(100);
  expect(second.browser.log).toEqual(['ended remote']);
  expect(stage.switchboard.size).toBe(2);
  third.browser.hangUp();
  await stage.advance(100);
  expect(third.trunk.log).toEqual(['ended remote']);
  expect(first.trunk.log).toEqual(['offer sendonly', 'ack']);
  first.browser.hangUp();
  await stage.advance(100);
  expect(stage.records.map(({ number }) => number)).toEqual(['+15550002', '+4930123', '+15550001']);
});
