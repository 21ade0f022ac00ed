/** Session timers on one leg (RFC 4028): refreshed while both live, ended when one does not. */

import { expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { establish, leftovers, pair } from '../support/sip-party.ts';

const timed = { invite: { sessionExpiresSec: 90 } };

test('the caller who asks for it refreshes by UPDATE without SDP, and nobody hears of it', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp', timed);
  await clock.advance(600_000);
  expect(link.sentBy('a')).toEqual(Array.from({ length: 13 }, () => 'UPDATE'));
  expect(link.log.every(({ message }) => message.body.length === 0)).toBe(true);
  expect([caller.diary.entries, callee.diary.entries]).toEqual([[], []]);
});

test('a peer without UPDATE gets a re-INVITE with the description that stands', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  const { diary } = alice.call(bob, toBob, { sessionExpiresSec: 90 });
  await clock.advance(100);
  const headers = [
    ['Session-Expires', '90;refresher=uac'],
    ['Require', 'timer'],
    ['Allow', 'INVITE, ACK, BYE'],
  ] as const;
  peer.answer(peer.request('INVITE'), 'old', { headers });
  await clock.advance(45_100);
  const refresh = peer.request('INVITE');
  expect(Buffer.from(refresh.body).toString()).toBe('offer');
  expect(refresh.headers.get('Session-Expires')).toBe('90;refresher=uac');
  peer.answer(refresh, 'old', { headers });
  await clock.advance(1000);
  expect(peer.labels).toEqual(['INVITE', 'ACK', 'INVITE', 'ACK']);
  expect(diary.entries).toEqual(['accepted']);
});

test('the callee refreshes when the caller says so', async () => {
  const clock = new FakeClock();
  const { link, callee } = await establish(clock, 'udp', { invite: { headers: [['Session-Expires', '90;refresher=uas']] } });
  await clock.advance(100_000);
  expect(link.sentBy('b')).toEqual(['UPDATE', 'UPDATE']);
  expect(callee.diary.entries).toEqual([]);
});

test('a session that is not refreshed ends with BYE before it expires', async () => {
  const clock = new FakeClock();
  const { alice, bob, caller, callee, link } = await establish(clock, 'udp', timed);
  link.lose = (_message, from) => from === 'a';
  await clock.advance(59_000);
  expect(callee.diary.entries).toEqual([]);
  await clock.advance(1000);
  expect(callee.diary.entries).toEqual(['ended timer']);
  const bye = link.log.findLast(({ message, from }) => message.kind === 'request' && from === 'b')?.message;
  expect(bye?.headers.get('Reason')).toBe('SIP;cause=408;text="Session expired"');
  // The caller learns it from that BYE, or from the silence to its own UPDATE.
  expect(caller.diary.entries).toHaveLength(1);
  await clock.advance(128_000);
  expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('a client that refreshes whatever was agreed is answered', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  const peer = new RawPeer(link.b);
  const { diary } = alice.call(bob, toBob, { sessionExpiresSec: 1800 });
  await clock.advance(100);
  const invite = peer.request('INVITE');
  peer.answer(invite, 'jssip', { headers: [['Allow', 'INVITE,ACK,CANCEL,BYE,UPDATE']] });
  await clock.advance(100);
  for (let round = 1; round <= 5; round++) {
    await clock.advance(45_000);
    peer.sendRequest('UPDATE', 'sip:alice@192.0.2.1', {
      Via: `SIP/2.0/WS abc.invalid;branch=z9hG4bKr${round}`,
      From: '<sip:bob@example.com>;tag=jssip',
      To: invite.headers.get('From') ?? '',
      'Call-ID': invite.headers.callId,
      CSeq: `${round} UPDATE`,
      Contact: '<sip:x@abc.invalid;transport=ws>',
      Supported: 'timer,ice,replaces,outbound',
      'Session-Expires': '90;refresher=uac',
    });
    await clock.advance(100);
    expect(peer.labels.at(-1)).toBe('200 UPDATE');
    expect(peer.received.at(-1)?.headers.get('Session-Expires')).toBe('90;refresher=uac');
    expect(peer.received.at(-1)?.headers.get('Require')).toBe('timer');
  }
  expect(diary.entries).toEqual(['accepted']);
  await clock.advance(61_000);
  expect(diary.entries).toEqual(['accepted', 'ended timer']);
});

test('an interval that is too small is refused with Min-SE, and asked for again with a greater one', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  const { diary } = alice.call(bob, toBob, { sessionExpiresSec: 90 });
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 422, { tag: 'x', headers: [['Min-SE', '1800']] });
  await clock.advance(100);
  const second = peer.request('INVITE');
  expect(second.headers.get('Session-Expires')).toBe('1800');
  expect(second.headers.get('Min-SE')).toBe('1800');
  expect(second.headers.cseq.number).toBe(2);
  for (const minimum of ['1800', '3600', '7200', '9000']) {
    peer.respond(peer.request('INVITE'), 422, { tag: 'x', headers: [['Min-SE', minimum]] });
    await clock.advance(100);
  }
  expect(diary.entries).toEqual(['rejected 422']);
});

test('we refuse an interval below 90 s, of those who know what that means', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { diary } = alice.call(bob, toBob, { headers: [['Session-Expires', '60']] });
  await clock.advance(100);
  expect(diary.entries).toEqual(['rejected 422']);
  expect(link.log.find(({ from }) => from === 'b')?.message.headers.get('Min-SE')).toBe('90');
  expect(bob.agent.sessions).toBe(0);
});

test('a refresh that meets glare comes again', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  const { diary } = alice.call(bob, toBob, { sessionExpiresSec: 90 });
  await clock.advance(100);
  const headers = [
    ['Session-Expires', '90;refresher=uac'],
    ['Allow', 'INVITE, ACK, BYE, UPDATE'],
  ] as const;
  peer.answer(peer.request('INVITE'), 'x', { headers });
  await clock.advance(45_100);
  peer.respond(peer.request('UPDATE'), 491);
  await clock.advance(5000);
  expect(peer.request('UPDATE').headers.cseq.number).toBe(3);
  peer.respond(peer.request('UPDATE'), 200, { headers });
  await clock.advance(30_000);
  expect(diary.entries).toEqual(['accepted']);
});
