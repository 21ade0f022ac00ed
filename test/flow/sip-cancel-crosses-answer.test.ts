/** Giving up before the answer, and the races of it (RFC 3261 section 9). */

import { expect, test } from 'vitest';
import type { IncomingInvite } from '../../src/sip/incoming-request.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { label } from '../support/sip-link.ts';
import { lastCall, leftovers, pair } from '../support/sip-party.ts';

const nothing = [0, 0, 0, 0, 0, 0];

test('CANCEL is answered 200, the INVITE 487', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.progress(180);
  await clock.advance(100);
  session.cancel('SIP;cause=200;text="Call completed elsewhere"');
  await clock.advance(100);
  expect(diary.entries).toEqual(['provisional 180', 'rejected 487']);
  expect(lastCall(bob).diary.entries).toEqual(['cancelled SIP;cause=200;text="Call completed elsewhere"']);
  expect(link.sentBy('a')).toEqual(['INVITE', 'CANCEL', 'ACK']);
  expect(link.sentBy('b')).toEqual(['100 INVITE', '180 INVITE', '200 CANCEL', '487 INVITE']);
  const tags = link.log.filter(({ from }) => from === 'b').map(({ message }) => message.headers.toTag);
  expect(new Set(tags.slice(1)).size).toBe(1);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('CANCEL waits for a provisional response', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  let losses = 2;
  link.lose = (message) => label(message) === '100 INVITE' && losses-- > 0;
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(5);
  session.cancel();
  await clock.advance(400);
  expect(link.sentBy('a')).not.toContain('CANCEL');
  await clock.advance(3000);
  expect(diary.entries).toEqual(['rejected 487']);
  expect(link.sentBy('a')).toContain('CANCEL');
});

test('a call that is given up before it left is never sent', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { session, diary } = alice.call(bob, toBob);
  session.cancel();
  await clock.advance(1000);
  expect(diary.entries).toEqual(['rejected 487']);
  expect(link.log).toEqual([]);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('an answer that crosses CANCEL is acknowledged and ended by BYE', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(100);
  const call = lastCall(bob);
  call.session.progress(180);
  await clock.advance(100);
  call.session.accept({ body: 'answer' });
  session.cancel();
  await clock.advance(200);
  expect(link.sentBy('a')).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  expect(diary.entries).toEqual(['provisional 180', 'rejected 487']);
  expect(call.diary.entries).toEqual(['acknowledged', 'ended remote']);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('a CANCEL that never gets its 487 gives up after 64*T1', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  link.lose = (message) => label(message) === '487 INVITE';
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(100);
  session.cancel();
  await clock.advance(31_000);
  expect(diary.entries).toEqual([]);
  await clock.advance(2000);
  expect(diary.entries).toEqual(['rejected 487']);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('a CANCEL from another connection reaches nothing', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  const stranger = pair(clock, 'ws', { bob: { address: { host: '192.0.2.9', port: 9 } } });
  alice.call(bob, toBob);
  await clock.advance(100);
  const invite = link.log[0]?.message;
  if (invite?.kind !== 'request') throw new Error('no INVITE');
  const cancel = Buffer.from(link.log[0]?.bytes ?? [])
    .toString()
    .replaceAll('INVITE', 'CANCEL');
  bob.attach(stranger.link.b);
  stranger.link.a.send(Buffer.from(cancel));
  await clock.advance(100);
  expect(lastCall(bob).diary.entries).toEqual([]);
  expect(stranger.link.sentBy('b')).toEqual(['481 CANCEL']);
});

test('hanging up refuses a call that rings, and gives up one that is made', async () => {
  const clock = new FakeClock();
  const { alice, bob, toBob } = pair(clock, 'udp');
  const first = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.bye();
  await clock.advance(100);
  expect(first.diary.entries).toEqual(['rejected 480']);
  const second = alice.call(bob, toBob);
  await clock.advance(100);
  second.session.bye();
  await clock.advance(100);
  expect(second.diary.entries).toEqual(['rejected 487']);
  expect(lastCall(bob).diary.entries).toEqual(['cancelled']);
});

test('a decision that comes after CANCEL changes nothing', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const undecided: IncomingInvite[] = [];
  bob.onInvite = (incoming) => {
    undecided.push(incoming);
  };
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(100);
  session.cancel();
  await clock.advance(100);
  for (const incoming of undecided) incoming.respond(503);
  await clock.advance(100);
  expect(undecided).toHaveLength(1);
  expect(diary.entries).toEqual(['rejected 487']);
  expect(link.sentBy('b')).toEqual(['100 INVITE', '200 CANCEL', '487 INVITE']);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});
