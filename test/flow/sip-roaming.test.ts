/** A call outlives its connection: requests wait for the next one, and move to it (RFC 5626). */

import { expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { connect, establish, lastCall, leftovers, pair, SipParty } from '../support/sip-party.ts';

const nothing = [0, 0, 0, 0, 0, 0];

test('a BYE waits for the next connection and is delivered late', async () => {
  const clock = new FakeClock();
  const { alice, bob, caller, callee, link } = await establish(clock, 'ws');
  link.close();
  callee.session.bye();
  await clock.advance(10_000);
  expect(callee.diary.entries).toEqual([]);
  const again = connect(clock, 'ws', alice, bob);
  caller.diary.takesFlow = () => true;
  callee.session.flowId = again.b.id;
  await clock.advance(100);
  expect(again.sentBy('b')).toEqual(['BYE']);
  expect(caller.diary.entries).toEqual(['ended remote']);
  expect(callee.diary.entries).toEqual(['ended local']);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('a BYE is given up after the grace time', async () => {
  const clock = new FakeClock();
  const { bob, callee, link } = await establish(clock, 'ws', { bob: { graceMs: 5000 } });
  link.close();
  callee.session.bye();
  await clock.advance(4900);
  expect(bob.agent.sessions).toBe(1);
  await clock.advance(200);
  expect(callee.diary.entries).toEqual(['ended local']);
  expect(bob.agent.sessions).toBe(0);
});

test('a request whose connection is lost on the way is sent again over the next one', async () => {
  const clock = new FakeClock();
  const { alice, bob, caller, callee, link } = await establish(clock, 'ws');
  callee.session.reinvite('hold');
  await clock.advance(5);
  link.close();
  await clock.advance(1000);
  const again = connect(clock, 'ws', alice, bob);
  caller.diary.takesFlow = () => true;
  callee.session.flowId = again.b.id;
  await clock.advance(100);
  expect(callee.diary.entries).toEqual(['modified answer']);
  expect(caller.diary.entries).toEqual(['modify hold', 'acknowledged']);
});

test('what cannot be asked within the grace time is refused, and the call goes on', async () => {
  const clock = new FakeClock();
  const { callee, link } = await establish(clock, 'ws');
  link.close();
  callee.session.reinvite('hold');
  await clock.advance(31_000);
  expect(callee.diary.entries).toEqual(['modify rejected 503']);
  expect(callee.session.state).toBe('confirmed');
});

test('a request over another connection is taken if the call says so, else refused with 403', async () => {
  const clock = new FakeClock();
  const { alice, bob, caller, callee, link } = await establish(clock, 'ws');
  const again = connect(clock, 'ws', alice, bob);
  link.close();
  caller.session.flowId = again.a.id;
  caller.session.reinvite('here I am');
  await clock.advance(100);
  expect(again.sentBy('b')).toEqual(['403 INVITE']);
  expect(callee.diary.entries).toEqual([]);
  callee.diary.takesFlow = (flow) => {
    callee.session.flowId = flow.id;
    return true;
  };
  caller.session.reinvite('really');
  await clock.advance(100);
  expect(callee.diary.entries).toEqual(['modify really', 'acknowledged']);
  callee.session.bye();
  await clock.advance(100);
  expect(again.sentBy('b').at(-1)).toBe('BYE');
});

test('a caller whose connection is lost while it rings is gone', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  const { diary } = alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.progress(180);
  await clock.advance(100);
  link.close();
  await clock.advance(100);
  expect(lastCall(bob).diary.entries).toEqual(['ended transport']);
  expect(diary.entries).toEqual(['provisional 180', 'rejected transport']);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual(nothing);
});

test('a call to a connection that is gone fails at once, but not from within the call', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  link.close();
  const { diary } = alice.call(bob, toBob);
  expect(diary.entries).toEqual([]);
  await clock.advance(0);
  expect(diary.entries).toEqual(['rejected transport']);
  expect(alice.agent.sessions).toBe(0);
});

test('a stranger with the tags of a call ends nothing', async () => {
  const clock = new FakeClock();
  const { bob, callee, link, caller } = await establish(clock, 'ws');
  const mallory = new SipParty(clock, { name: 'mallory', address: { host: '198.51.100.66', port: 5060 } });
  const other = connect(clock, 'ws', mallory, bob);
  caller.session.info('text/plain', 'x');
  await clock.advance(100);
  const stolen = Buffer.from(link.log[0]?.bytes ?? []).toString();
  const forged = stolen.replaceAll('INFO', 'BYE').replace(/branch=\w+/, 'branch=z9hG4bKforged');
  other.a.send(Buffer.from(forged.replace(/CSeq: \d+/, 'CSeq: 9999')));
  await clock.advance(100);
  expect(other.sentBy('b')).toEqual(['403 BYE']);
  expect(callee.diary.entries).toEqual(['info x']);
  // A refused request does not spoil the sequence of the true peer either.
  caller.session.bye();
  await clock.advance(100);
  expect(callee.diary.entries).toEqual(['info x', 'ended remote']);
});
