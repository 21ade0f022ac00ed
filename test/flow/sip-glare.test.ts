/** Changes of an answered call, from both sides and at once (RFC 3261 section 14, RFC 3311). */

import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { establish } from '../support/sip-party.ts';

describe.each(['udp', 'ws'] as const)('over %s', (transport) => {
  test('a re-INVITE is answered and acknowledged', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, transport);
    caller.session.reinvite('hold');
    await clock.advance(100);
    expect(callee.diary.entries).toEqual(['modify hold', 'acknowledged']);
    expect(caller.diary.entries).toEqual(['modified answer']);
    expect(link.sentBy('a')).toEqual(['INVITE', 'ACK']);
    callee.session.reinvite('unhold');
    await clock.advance(100);
    expect(caller.diary.entries).toEqual(['modified answer', 'modify unhold', 'acknowledged']);
  });

  test('UPDATE carries an offer where the peer allows it', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, transport);
    expect(caller.session.remoteAllows('UPDATE')).toBe(true);
    caller.session.update('hold');
    await clock.advance(100);
    expect(callee.diary.entries).toEqual(['modify hold']);
    expect(caller.diary.entries).toEqual(['modified answer']);
    expect(link.sentBy('a')).toEqual(['UPDATE']);
  });
});

test('a refused change leaves the call as it was', async () => {
  const clock = new FakeClock();
  const { caller, callee } = await establish(clock, 'udp');
  callee.diary.answer = (incoming) => incoming.respond(488);
  caller.session.reinvite('video');
  await clock.advance(100);
  expect(caller.diary.entries).toEqual(['modify rejected 488']);
  expect(caller.session.state).toBe('confirmed');
});

test('a re-INVITE without offer is answered with one, and the answer comes in the ACK', async () => {
  const clock = new FakeClock();
  const { caller, callee } = await establish(clock, 'udp');
  callee.diary.answer = (incoming) => incoming.respond(200, { body: 'their offer' });
  caller.session.reinvite(null);
  await clock.advance(100);
  expect(caller.diary.entries).toEqual(['modified their offer']);
  caller.session.acknowledge('our answer');
  await clock.advance(1000);
  expect(callee.diary.entries).toEqual(['modify without offer', 'acknowledged our answer']);
});

test('two re-INVITEs that cross are both refused with 491; the one that comes again first overtakes the other', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  caller.session.reinvite('of caller');
  callee.session.reinvite('of callee');
  await clock.advance(8000);
  expect(link.sentBy('a')).toContain('491 INVITE');
  expect(link.sentBy('b')).toContain('491 INVITE');
  // 14.1: who made the Call-ID waits 2.1 .. 4 s, the other 0 .. 2 s. What waits was made before the peer's change.
  expect(callee.diary.entries).toEqual(['modified answer']);
  expect(caller.diary.entries).toEqual(['modify rejected 491', 'modify of callee', 'acknowledged']);
});

test.each([
  ['caller', 2100, 4000],
  ['callee', 0, 2000],
] as const)('the %s comes again after 491 in %i to %i ms', async (role, earliestMs, latestMs) => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  const [mine, peer] = role === 'caller' ? [caller, callee] : [callee, caller];
  peer.diary.answer = (incoming) => incoming.respond(491);
  mine.session.reinvite('change');
  await clock.advance(30);
  peer.diary.answer = (incoming) => incoming.respond(200, { body: 'answer' });
  await clock.advance(8000);
  const [first, again] = link.log.flatMap(({ message, atMs }) => (message.kind === 'request' && message.method === 'INVITE' ? [atMs] : []));
  const waitedMs = (again ?? 0) - (first ?? 0) - 20;
  expect(waitedMs).toBeGreaterThanOrEqual(earliestMs);
  expect(waitedMs).toBeLessThanOrEqual(latestMs);
  expect(mine.diary.entries).toEqual(['modified answer']);
});

test('a second offer before the first is answered gets 500 with Retry-After', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  caller.diary.answer = null;
  callee.session.reinvite('first');
  await clock.advance(100);
  const [first] = caller.diary.requests;
  const request = link.log.find(({ message }) => message.kind === 'request')?.bytes ?? new Uint8Array();
  const second = Buffer.from(request)
    .toString()
    .replace(/branch=z9hG4bK\w+/, 'branch=z9hG4bKsecond')
    .replace(/CSeq: (\d+)/, (_all, number) => `CSeq: ${Number(number) + 1}`);
  link.b.send(Buffer.from(second));
  await clock.advance(100);
  const refusal = link.log.findLast(({ from }) => from === 'a')?.message;
  expect(refusal).toMatchObject({ kind: 'response', status: 500 });
  expect(Number(refusal?.headers.get('Retry-After'))).toBeLessThanOrEqual(10);
  first?.respond(200, { body: 'answer' });
  await clock.advance(100);
  expect(callee.diary.entries).toEqual(['modified answer']);
});

test('a change waits for the one before it', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  callee.diary.answer = null;
  caller.session.reinvite('one');
  caller.session.reinvite('two');
  caller.session.reinvite('three');
  await clock.advance(1000);
  expect(callee.diary.entries).toEqual(['modify one']);
  callee.diary.answer = (incoming) => incoming.respond(200, { body: 'answer' });
  callee.diary.requests[0]?.respond(200, { body: 'answer' });
  await clock.advance(1000);
  expect(callee.diary.entries).toEqual(['modify one', 'acknowledged', 'modify three', 'acknowledged']);
  expect(link.sentBy('a').filter((sent) => sent === 'INVITE')).toHaveLength(2);
});

test('a change waits for the ACK of the call itself', async () => {
  const clock = new FakeClock();
  const { callee, caller, link } = await establish(clock, 'udp');
  link.lose = (message) => message.kind === 'request' && message.method === 'ACK';
  caller.session.reinvite('hold');
  await clock.advance(100);
  callee.session.reinvite('mine');
  await clock.advance(2000);
  expect(link.sentBy('b')).not.toContain('INVITE');
  link.lose = () => false;
  await clock.advance(10_000);
  expect(link.sentBy('b')).toContain('INVITE');
  expect(callee.diary.entries).toEqual(['modify hold', 'acknowledged', 'modified answer']);
});

test('a peer that knows the dialog no more ends it without BYE', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  callee.diary.answer = (incoming) => incoming.respond(481);
  caller.session.reinvite('hold');
  await clock.advance(1000);
  expect(caller.diary.entries).toEqual(['ended remote 481']);
  expect(link.sentBy('a')).toEqual(['INVITE', 'ACK']);
});

test('a peer that does not answer a re-INVITE loses the call', async () => {
  const clock = new FakeClock();
  const { caller, link } = await establish(clock, 'udp');
  link.lose = (_message, from) => from === 'b';
  caller.session.reinvite('hold');
  await clock.advance(33_000);
  expect(caller.diary.entries).toEqual(['ended transport']);
  expect(link.sentBy('a')).toContain('BYE');
});

test('BYE refuses what is still open', async () => {
  const clock = new FakeClock();
  const { caller, callee, link } = await establish(clock, 'udp');
  callee.diary.answer = null;
  caller.session.reinvite('hold');
  await clock.advance(100);
  caller.session.bye();
  await clock.advance(100);
  expect(link.sentBy('b')).toEqual(['100 INVITE', '200 BYE', '487 INVITE']);
  expect(callee.diary.entries).toEqual(['modify hold', 'ended remote']);
  callee.diary.requests[0]?.respond(200, { body: 'too late' });
  await clock.advance(100);
  expect(link.sentBy('b')).toHaveLength(3);
});

test('INFO passes both ways', async () => {
  const clock = new FakeClock();
  const { caller, callee } = await establish(clock, 'ws');
  caller.session.info('application/dtmf-relay', 'Signal=1');
  callee.session.info('application/dtmf-relay', 'Signal=2');
  await clock.advance(100);
  expect(callee.diary.entries).toEqual(['info Signal=1']);
  expect(caller.diary.entries).toEqual(['info Signal=2']);
});
