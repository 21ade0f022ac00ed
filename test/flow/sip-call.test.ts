/** Whole calls between two user agents. */

import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { lastCall, leftovers, pair } from '../support/sip-party.ts';

describe.each(['udp', 'tcp', 'ws'] as const)('over %s', (transport) => {
  test('a call rings, is answered and is hung up by the caller', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    const { session, diary } = alice.call(bob, toBob);
    await clock.advance(100);
    const call = lastCall(bob);
    call.session.progress(180);
    await clock.advance(100);
    expect(session.state).toBe('early');
    call.session.accept({ body: 'answer' });
    await clock.advance(100);
    expect(diary.entries).toEqual(['provisional 180', 'accepted']);
    expect(call.diary.entries).toEqual(['acknowledged']);
    session.bye({ reason: 'Q.850;cause=16' });
    await clock.advance(100);
    expect(diary.entries.at(-1)).toBe('ended local');
    expect(call.diary.entries.at(-1)).toBe('ended remote Q.850;cause=16');
    expect(link.sentBy('a')).toEqual(['INVITE', 'ACK', 'BYE']);
    expect(link.sentBy('b')).toEqual(['100 INVITE', '180 INVITE', '200 INVITE', '200 BYE']);
    await clock.advance(64_000);
    expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('a call is hung up by the callee', async () => {
    const clock = new FakeClock();
    const { alice, bob, toBob } = pair(clock, transport);
    const { diary } = alice.call(bob, toBob);
    await clock.advance(100);
    lastCall(bob).session.accept({ body: 'answer' });
    await clock.advance(100);
    lastCall(bob).session.bye();
    await clock.advance(100);
    expect(diary.entries).toEqual(['accepted', 'ended remote']);
    expect(lastCall(bob).diary.entries).toEqual(['acknowledged', 'ended local']);
  });

  test('a refused call ends with the status and is acknowledged by the transaction', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    const { session, diary } = alice.call(bob, toBob);
    await clock.advance(100);
    lastCall(bob).session.reject(486);
    await clock.advance(1000);
    expect(diary.entries).toEqual(['rejected 486']);
    expect(session.state).toBe('terminated');
    expect(link.sentBy('a')).toEqual(['INVITE', 'ACK']);
    await clock.advance(64_000);
    expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test('an INVITE without offer is answered in the ACK', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    const { session, diary } = alice.call(bob, toBob, { body: null });
    await clock.advance(100);
    lastCall(bob).session.accept({ body: 'their offer' });
    await clock.advance(100);
    expect(diary.entries).toEqual(['accepted']);
    expect(link.sentBy('a')).toEqual(['INVITE']);
    session.acknowledge('our answer');
    await clock.advance(100);
    expect(lastCall(bob).diary.entries).toEqual(['acknowledged our answer']);
  });
});

test('a session that is over sends nothing more', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const refused = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.reject(603);
  await clock.advance(1000);
  const { length } = link.log;
  for (const session of [refused.session, lastCall(bob).session]) {
    session.reinvite('x');
    session.update('x');
    session.info('text/plain', 'x');
    session.acknowledge('x');
    session.bye();
  }
  refused.session.cancel();
  lastCall(bob).session.progress(180);
  lastCall(bob).session.accept({ body: 'x' });
  lastCall(bob).session.reject(486);
  await clock.advance(64_000);
  expect(link.log).toHaveLength(length);
  expect([refused.diary.entries, lastCall(bob).diary.entries]).toEqual([['rejected 603'], []]);
  expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('nothing is changed before the answer', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { session } = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.progress(180);
  for (const each of [session, lastCall(bob).session]) {
    each.reinvite('x');
    each.update('x');
    each.info('text/plain', 'x');
  }
  await clock.advance(1000);
  expect(link.sentBy('a')).toEqual(['INVITE']);
  expect(link.sentBy('b')).toEqual(['100 INVITE', '180 INVITE']);
});

test('a peer that sends no Allow may be sent INFO, but no extension', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  const peer = new RawPeer(link.b);
  const { session } = alice.call(bob, toBob);
  await clock.advance(100);
  expect(session.remoteAllows('INFO')).toBe(false);
  peer.answer(peer.request('INVITE'), 'jssip');
  await clock.advance(100);
  expect(session.remoteAllows('INFO')).toBe(true);
  session.update('offer');
  await clock.advance(100);
  expect(link.sentBy('a')).toEqual(['INVITE', 'ACK', 'INVITE']);
});

test('a call that rings long is told so once a minute', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { diary } = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.progress(183, { body: 'early' });
  await clock.advance(150_000);
  expect(link.sentBy('b')).toEqual(['100 INVITE', '183 INVITE', '183 INVITE', '183 INVITE']);
  expect(diary.entries).toHaveLength(3);
});
