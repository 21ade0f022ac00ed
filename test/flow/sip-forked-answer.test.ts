/** Several answers to one INVITE (RFC 3261 sections 12.1, 13.2.2.4). */

import { expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { leftovers, pair } from '../support/sip-party.ts';

function forkingPeer(clock: FakeClock) {
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  return { alice, link, peer, ...alice.call(bob, toBob) };
}

test('provisional responses of several branches are told apart, and the first 2xx is the call', async () => {
  const clock = new FakeClock();
  const { peer, diary, session } = forkingPeer(clock);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  peer.answer(invite, 'one', { status: 180 });
  peer.answer(invite, 'two', { status: 183 });
  await clock.advance(100);
  peer.answer(invite, 'two');
  await clock.advance(100);
  expect(diary.entries).toEqual(['provisional 180', 'provisional 183', 'accepted']);
  expect(peer.request('ACK').headers.toTag).toBe('two');
  session.bye();
  await clock.advance(100);
  expect(peer.request('BYE').headers.toTag).toBe('two');
});

test('a 2xx with another to-tag is acknowledged and ended by BYE, the call goes on', async () => {
  const clock = new FakeClock();
  const { alice, peer, diary, session } = forkingPeer(clock);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  peer.answer(invite, 'one');
  await clock.advance(100);
  peer.answer(invite, 'two');
  await clock.advance(100);
  expect(peer.labels).toEqual(['INVITE', 'ACK', 'ACK', 'BYE']);
  const bye = peer.request('BYE');
  expect(bye.headers.toTag).toBe('two');
  expect(bye.uri).toMatchObject({ user: 'two' });
  peer.respond(bye, 200);
  peer.answer(invite, 'two');
  await clock.advance(100);
  expect(peer.labels).toEqual(['INVITE', 'ACK', 'ACK', 'BYE', 'ACK']);
  expect(diary.entries).toEqual(['accepted']);
  expect(session.state).toBe('confirmed');
  await clock.advance(64_000);
  expect(leftovers(alice)).toEqual([1, 0, 0]);
});

test('every branch that answers a call which was given up is acknowledged and ended, again and again', async () => {
  const clock = new FakeClock();
  const { alice, peer, diary, session } = forkingPeer(clock);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  peer.answer(invite, 'one', { status: 180 });
  await clock.advance(100);
  session.cancel();
  for (const branch of ['one', 'two', 'one']) peer.answer(invite, branch);
  peer.respond(invite, 200, { tag: 'x', headers: [['Contact', '<tel:+15550100>']] });
  await clock.advance(100);
  expect(diary.entries).toEqual(['provisional 180', 'rejected 487']);
  expect(peer.labels.filter((label) => label === 'ACK')).toHaveLength(3);
  expect(peer.labels.filter((label) => label === 'BYE')).toHaveLength(2);
  await clock.advance(64_000);
  expect(leftovers(alice)).toEqual([0, 0, 0]);
});

test('a flood of branches is remembered up to a limit', async () => {
  const clock = new FakeClock();
  const { alice, peer, diary } = forkingPeer(clock);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  for (let branch = 0; branch < 500; branch++) peer.answer(invite, `early${branch}`, { status: 180 });
  await clock.advance(100);
  for (let branch = 0; branch < 200; branch++) peer.answer(invite, `late${branch}`);
  await clock.advance(64_000);
  expect(diary.entries.filter((entry) => entry === 'accepted')).toHaveLength(1);
  expect(alice.agent.sessions).toBe(1);
  await clock.advance(64_000);
  expect(alice.agent.transactions).toBe(0);
});

test('an answer without a usable dialog fails the call', async () => {
  const clock = new FakeClock();
  const { alice, peer, diary } = forkingPeer(clock);
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 200, { tag: 'x', headers: [['Contact', '<tel:+15550100>']] });
  await clock.advance(100);
  expect(diary.entries).toEqual(['rejected 502']);
  expect(alice.agent.sessions).toBe(0);
});

test('requests of the callee before its answer: INFO passes, an offer is refused, an unknown branch is unknown', async () => {
  const clock = new FakeClock();
  const { alice, link, peer, diary } = forkingPeer(clock);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  peer.answer(invite, 'one', { status: 180 });
  await clock.advance(100);
  const inDialog = (tag: string, sequence: number) => ({
    From: `<sip:bob@example.com>;tag=${tag}`,
    To: invite.headers.get('From') ?? '',
    'Call-ID': invite.headers.callId,
    Contact: '<sip:bob@192.0.2.2:5070>',
    'Content-Type': 'application/sdp',
    CSeq: `${sequence}`,
  });
  const send = (method: string, tag: string, sequence: number, body: string) => {
    const headers = inDialog(tag, sequence);
    const via = `SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK${tag}${sequence}`;
    peer.sendRequest(method, `sip:alice@${alice.address.host}`, { ...headers, Via: via, CSeq: `${sequence} ${method}` }, body);
  };
  send('INFO', 'one', 1, 'Signal=1');
  send('UPDATE', 'one', 2, 'offer');
  send('UPDATE', 'one', 3, '');
  send('BYE', 'one', 4, '');
  send('UPDATE', 'two', 5, '');
  await clock.advance(100);
  expect(diary.entries).toEqual(['provisional 180', 'info Signal=1']);
  expect(link.sentBy('a').slice(1)).toEqual(['200 INFO', '491 UPDATE', '200 UPDATE', '481 BYE', '481 UPDATE']);
});
