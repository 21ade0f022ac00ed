/** What happens to a 2xx on a network that loses (RFC 3261 sections 13.2.2.4 and 13.3.1.4). */

import { describe, expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { label } from '../support/sip-link.ts';
import { lastCall, leftovers, pair } from '../support/sip-party.ts';

describe.each(['udp', 'ws'] as const)('over %s', (transport) => {
  test('a 2xx is repeated until its ACK comes, and each repetition is acknowledged', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    let losses = 3;
    link.lose = (message) => label(message) === 'ACK' && losses-- > 0;
    const { diary } = alice.call(bob, toBob);
    await clock.advance(100);
    lastCall(bob).session.accept({ body: 'answer' });
    await clock.advance(20_000);
    expect(diary.entries).toEqual(['accepted']);
    expect(lastCall(bob).diary.entries).toEqual(['acknowledged']);
    expect(link.sentBy('a').filter((sent) => sent === 'ACK')).toHaveLength(4);
    expect(link.sentBy('b').filter((sent) => sent === '200 INVITE')).toHaveLength(4);
  });

  test('every ACK of one 2xx says the same', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    let losses = 1;
    link.lose = (message) => label(message) === 'ACK' && losses-- > 0;
    const { session } = alice.call(bob, toBob, { body: null });
    await clock.advance(100);
    lastCall(bob).session.accept({ body: 'offer' });
    await clock.advance(100);
    session.acknowledge('answer');
    await clock.advance(20_000);
    const acks = link.log.filter(({ message }) => label(message) === 'ACK').map(({ message }) => message);
    expect(acks).toHaveLength(2);
    expect(acks.map(({ body }) => Buffer.from(body).toString())).toEqual(['answer', 'answer']);
    expect(new Set(acks.map(({ headers }) => headers.cseq.number)).size).toBe(1);
    expect(new Set(acks.map(({ headers }) => headers.topVia.params.get('branch'))).size).toBe(2);
  });

  test('a 2xx that is never acknowledged ends with BYE after 64*T1', async () => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport);
    link.lose = (message) => label(message) === 'ACK';
    const { diary } = alice.call(bob, toBob);
    await clock.advance(100);
    const { session, diary: called } = lastCall(bob);
    session.accept({ body: 'answer' });
    await clock.advance(31_900);
    expect(called.entries).toEqual([]);
    await clock.advance(300);
    expect(called.entries).toEqual(['ended ack-timeout']);
    expect(diary.entries).toEqual(['accepted', 'ended remote SIP;cause=408;text="No ACK"']);
    await clock.advance(64_000);
    expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

test('a 2xx is repeated after T1, then doubling up to T2', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'ws');
  link.lose = (message) => label(message) === 'ACK';
  alice.call(bob, toBob);
  await clock.advance(100);
  lastCall(bob).session.accept({ body: 'answer' });
  const start = clock.now();
  await clock.advance(32_000);
  const times = link.log.filter(({ message }) => label(message) === '200 INVITE').map(({ atMs }) => atMs - start);
  expect(times).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
});

test('the callee who hangs up before the ACK says BYE after it', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  let losses = 1;
  link.lose = (message) => label(message) === 'ACK' && losses-- > 0;
  const { diary } = alice.call(bob, toBob);
  await clock.advance(100);
  const call = lastCall(bob);
  call.session.accept({ body: 'answer' });
  call.session.bye();
  await clock.advance(300);
  expect(link.sentBy('b')).not.toContain('BYE');
  await clock.advance(1000);
  expect(link.sentBy('b')).toContain('BYE');
  expect(call.diary.entries).toEqual(['ended local']);
  expect(diary.entries).toEqual(['accepted', 'ended remote']);
});

test('a lost INVITE, response and BYE are sent again', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const lost = new Set<string>();
  link.lose = (message) => {
    const name = label(message);
    if (lost.has(name)) return false;
    lost.add(name);
    return true;
  };
  const { session, diary } = alice.call(bob, toBob);
  await clock.advance(2000);
  lastCall(bob).session.progress(180);
  await clock.advance(2000);
  lastCall(bob).session.accept({ body: 'answer' });
  await clock.advance(3000);
  expect(lastCall(bob).diary.entries).toEqual(['acknowledged']);
  session.bye();
  await clock.advance(4000);
  expect(diary.entries.at(-1)).toBe('ended local');
  expect(lastCall(bob).diary.entries.at(-1)).toBe('ended remote');
  expect(bob.calls).toHaveLength(1);
  await clock.advance(64_000);
  expect(leftovers(alice, bob)).toEqual([0, 0, 0, 0, 0, 0]);
});
