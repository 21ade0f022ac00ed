/** The caller gives up: before, while and after the callee is reached (RFC 3261 sections 9 and 13.2.2.4). */

import { describe, expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';
import { earlyRequest } from '../support/early-request.ts';
import { label } from '../support/sip-link.ts';

describe('a browser gives up', () => {
  test('before the carrier has said anything: CANCEL waits for it', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    stage.trunkLink.hold = (message) => (label(message) === '100 INVITE' ? 400 : 0);
    const call = alice.call('+15550123');
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(200);
    expect(call.log).toEqual(['487']);
    expect(stage.trunkLink.sentBy('b')).toEqual(['INVITE']);
    await stage.advance(1000);
    expect(stage.trunkLink.sentBy('b')).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
  });

  test('while it rings', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(100);
    expect(call.log).toEqual(['180', '487']);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
    expect(stage.carrier.lastCall.reasons).toEqual(['Q.850;cause=16;text="Caller gave up"']);
    expect(stage.record).toMatchObject({ answeredAt: null, end: { cause: 'cancelled', side: 'browser' } });
    expect(alice.link.sentBy('b')).toEqual(['100 INVITE', '180 INVITE', '200 CANCEL', '487 INVITE']);
  });

  test('by BYE instead of CANCEL (RFC 3261 section 15), while it rings', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    alice.link.a.send(earlyRequest(call, 'BYE'));
    await stage.advance(100);
    expect(alice.link.sentBy('b').slice(2)).toEqual(['200 BYE', '487 INVITE']);
    const tags = alice.link.log.filter(({ from }) => from === 'b').map(({ message }) => message.headers.toTag);
    expect(new Set(tags.slice(1)).size).toBe(1);
    expect(call.log).toEqual(['180', '487']);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
    expect(stage.record).toMatchObject({ answeredAt: null, end: { side: 'browser' } });
    await stage.advance(64_000);
    expect(stage.agent.sessions).toBe(0);
  });

  test('during early media', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.earlyMedia();
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(100);
    expect(call.log).toEqual(['183 sdp', '487']);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
  });

  test('in the moment of the answer: the 200 that crosses the CANCEL is acknowledged and ended', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(15);
    stage.carrier.lastCall.answer();
    await stage.advance(500);
    expect(call.log).toEqual(['180', '487']);
    expect(stage.carrier.lastCall.log).toEqual(['ack', 'ended remote']);
    expect(stage.record).toMatchObject({ answeredAt: null, end: { cause: 'cancelled', side: 'browser' } });
  });

  test('in the moment of the answer: a CANCEL that crosses our 200 comes too late, and its BYE ends the call', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    stage.carrier.lastCall.answer();
    await stage.advance(15);
    call.session.cancel();
    await stage.advance(500);
    expect(stage.carrier.lastCall.log).toEqual(['ack', 'ended remote']);
    expect(stage.record).toMatchObject({ end: { cause: 'hung-up', side: 'browser' } });
    expect(stage.record.answeredAt).not.toBeNull();
  });

  test('while media is allocated', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    stage.relay.pause();
    const call = alice.call('+15550123');
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(100);
    expect(call.log).toEqual(['487']);
    expect(stage.switchboard.size).toBe(0);
    stage.relay.resume();
    await stage.advance(100);
    expect(stage.relay.open).toBe(0);
    expect(stage.carrier.calls).toEqual([]);
  });

  test('between two legs of the allocation', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const call = alice.call('+15550123');
    // The session is opened at once, and the legs are not.
    stage.relay.pauseLegs();
    await stage.advance(100);
    call.session.cancel();
    await stage.advance(100);
    stage.relay.resume();
    await stage.advance(100);
    expect(call.log).toEqual(['487']);
    expect(stage.relay.open).toBe(0);
  });

  test('by closing its page before the answer', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    alice.call('+15550123');
    await stage.advance(100);
    stage.carrier.lastCall.ring();
    await stage.advance(100);
    alice.disconnect();
    await stage.advance(100);
    expect(stage.carrier.lastCall.log).toEqual(['cancelled']);
    expect(stage.record.end).toMatchObject({ cause: 'transport', side: 'browser' });
  });
});

describe('the carrier gives up', () => {
  test('while the browser rings, and says why', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    alice.lastCall.ring();
    await stage.advance(100);
    trunk.session.cancel('SIP;cause=200;text="Call completed elsewhere"');
    await stage.advance(100);
    expect(trunk.log).toEqual(['180', '487']);
    expect(alice.lastCall.log).toEqual(['cancelled']);
    expect(alice.lastCall.reasons).toEqual(['SIP;cause=200;text="Call completed elsewhere"']);
    expect(stage.record.end).toMatchObject({ cause: 'cancelled', side: 'trunk' });
  });

  test('in the moment of the answer', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    alice.lastCall.ring();
    await stage.advance(100);
    trunk.session.cancel();
    await stage.advance(15);
    alice.lastCall.answer();
    await stage.advance(500);
    expect(alice.lastCall.log).toEqual(['ack', 'ended remote']);
    expect(trunk.log).toEqual(['180', '487']);
  });

  test('while media is allocated', async () => {
    const stage = await CallStage.open();
    const alice = await stage.browser('alice');
    stage.relay.pause();
    const trunk = stage.carrier.call('alice');
    await stage.advance(100);
    trunk.session.cancel();
    await stage.advance(100);
    stage.relay.resume();
    await stage.advance(100);
    expect(trunk.log).toEqual(['487']);
    expect(alice.calls).toEqual([]);
    expect(stage.relay.open).toBe(0);
  });
});
