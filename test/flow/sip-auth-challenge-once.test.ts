/** Challenges to our requests are answered once, with the leg's own credentials, and for its own peer (RFC 3261 section 22). */

import { describe, expect, test } from 'vitest';
import { ha1, parseCredentials, verifyCredentials } from '../../src/sip/message/digest.ts';
import type { SipRequest } from '../../src/sip/message/message.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { connect, establish, leftovers, pair, SipParty } from '../support/sip-party.ts';

const credentials = { username: 'gwuser', password: 'gwpass' };

function challenge(algorithm: string, options: { realm?: string; nonce?: string; stale?: boolean } = {}): string {
  const { realm = 'carrier', nonce = 'n1', stale = false } = options;
  return `Digest realm="${realm}", nonce="${nonce}", qop="auth,auth-int", algorithm=${algorithm}${stale ? ', stale=TRUE' : ''}`;
}

function verified(request: SipRequest, header: string, realm = 'carrier'): boolean {
  const answer = parseCredentials(request.headers.get(header) ?? '');
  if (!answer?.algorithm) return false;
  return verifyCredentials(answer, ha1(answer.algorithm, 'gwuser', realm, 'gwpass'), request.method);
}

function challengedCall(clock: FakeClock, invite: object = {}) {
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  return { alice, bob, peer, ...alice.call(bob, toBob, { credentials, ...invite }) };
}

describe.each([
  [401, 'WWW-Authenticate', 'Authorization'],
  [407, 'Proxy-Authenticate', 'Proxy-Authorization'],
] as const)('a %i', (status, asks, answers) => {
  test('is answered with a new sequence number and branch in the same call', async () => {
    const clock = new FakeClock();
    const { peer, diary } = challengedCall(clock);
    await clock.advance(100);
    const first = peer.request('INVITE');
    expect(first.headers.has(answers)).toBe(false);
    peer.respond(first, status, { tag: 'x', headers: [[asks, challenge('MD5')]] });
    await clock.advance(100);
    expect(peer.labels).toEqual(['INVITE', 'ACK', 'INVITE']);
    const second = peer.request('INVITE');
    expect(verified(second, answers)).toBe(true);
    expect(second.headers.callId).toBe(first.headers.callId);
    expect(second.headers.fromTag).toBe(first.headers.fromTag);
    expect(second.headers.toTag).toBeUndefined();
    expect(second.headers.cseq.number).toBe(first.headers.cseq.number + 1);
    peer.answer(second, 'carrier');
    await clock.advance(100);
    expect(diary.entries).toEqual(['accepted']);
    // 13.2.2.4: the ACK of a 2xx repeats the credentials of the INVITE.
    expect(peer.request('ACK').headers.get(answers)).toBe(second.headers.get(answers));
  });

  test('that comes again is the end', async () => {
    const clock = new FakeClock();
    const { alice, peer, diary } = challengedCall(clock);
    await clock.advance(100);
    peer.respond(peer.request('INVITE'), status, { tag: 'x', headers: [[asks, challenge('MD5')]] });
    await clock.advance(100);
    peer.respond(peer.request('INVITE'), status, { tag: 'y', headers: [[asks, challenge('MD5', { nonce: 'n2' })]] });
    await clock.advance(100);
    expect(diary.entries).toEqual([`rejected ${status}`]);
    expect(peer.labels.filter((label) => label === 'INVITE')).toHaveLength(2);
    await clock.advance(64_000);
    expect(leftovers(alice)).toEqual([0, 0, 0]);
  });
});

test('the topmost algorithm that is known is used', async () => {
  const clock = new FakeClock();
  const { peer } = challengedCall(clock);
  await clock.advance(100);
  const headers = ['SHA-512-256-sess', 'SHA-256', 'MD5'].map((algorithm) => ['WWW-Authenticate', challenge(algorithm)] as const);
  peer.respond(peer.request('INVITE'), 401, { tag: 'x', headers });
  await clock.advance(100);
  expect(parseCredentials(peer.request('INVITE').headers.get('Authorization') ?? '')?.algorithm).toBe('SHA-256');
  expect(verified(peer.request('INVITE'), 'Authorization')).toBe(true);
});

test('a nonce that grew old in between is answered once more, but not for ever', async () => {
  const clock = new FakeClock();
  const { peer, diary } = challengedCall(clock);
  await clock.advance(100);
  for (let round = 0; round < 5; round++) {
    if (diary.entries.length > 0) break;
    const headers = [['WWW-Authenticate', challenge('MD5', { nonce: `n${round}`, stale: round > 0 })]] as const;
    peer.respond(peer.request('INVITE'), 401, { tag: 'x', headers });
    await clock.advance(100);
  }
  expect(diary.entries).toEqual(['rejected 401']);
  expect(peer.labels.filter((label) => label === 'INVITE')).toHaveLength(3);
});

test.each([
  ['a leg without credentials', { credentials: null }, challenge('MD5')],
  [
    'another realm than that of the credentials',
    { credentials: { ...credentials, realm: 'carrier' } },
    challenge('MD5', { realm: 'thief' }),
  ],
  ['an algorithm that nobody knows', {}, challenge('ROT13')],
  ['a challenge that is none', {}, 'Digest realm='],
])('%s: the challenge is passed up unanswered', async (_name, invite, value) => {
  const clock = new FakeClock();
  const { peer, diary } = challengedCall(clock, invite);
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { tag: 'x', headers: [['Proxy-Authenticate', value]] });
  await clock.advance(100);
  expect(diary.entries).toEqual(['rejected 407']);
});

test('BYE and re-INVITE to the same peer are answered too, each use of a nonce counted', async () => {
  const clock = new FakeClock();
  const { peer, session, diary } = challengedCall(clock);
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { tag: 'x', headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  peer.answer(peer.request('INVITE'), 'carrier');
  await clock.advance(100);
  session.reinvite('hold');
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  const reinvite = peer.request('INVITE');
  expect(verified(reinvite, 'Proxy-Authorization')).toBe(true);
  expect(parseCredentials(reinvite.headers.get('Proxy-Authorization') ?? '')?.nc).toBe('00000002');
  peer.answer(reinvite, 'carrier');
  await clock.advance(100);
  session.bye();
  await clock.advance(100);
  peer.respond(peer.request('BYE'), 401, { headers: [['WWW-Authenticate', challenge('MD5', { nonce: 'n2' })]] });
  await clock.advance(100);
  expect(verified(peer.request('BYE'), 'Authorization')).toBe(true);
  peer.respond(peer.request('BYE'), 200);
  await clock.advance(100);
  expect(diary.entries).toEqual(['accepted', 'modified answer of carrier', 'ended local']);
});

test('every ACK has the credentials of its INVITE: that of another branch, and those of repeated answers', async () => {
  const clock = new FakeClock();
  const { peer, session } = challengedCall(clock);
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { tag: 'x', headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  const invite = peer.request('INVITE');
  for (const branch of ['one', 'two', 'one']) peer.answer(invite, branch);
  await clock.advance(100);
  peer.respond(peer.request('BYE'), 200);
  session.reinvite('hold');
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  const reinvite = peer.request('INVITE');
  for (const branch of ['one', 'one']) peer.answer(reinvite, branch);
  await clock.advance(100);
  const acks = peer.received.flatMap((message) => (message.kind === 'request' && message.method === 'ACK' ? [message] : []));
  const said = acks.map(({ headers }) => [headers.toTag, headers.cseq.number, headers.get('Proxy-Authorization')]);
  const of = (request: SipRequest) => [request.headers.cseq.number, request.headers.get('Proxy-Authorization')];
  expect(said.filter(([, , credential]) => credential !== undefined)).toEqual([
    ['one', ...of(invite)],
    ['two', ...of(invite)],
    ['one', ...of(invite)],
    ['one', ...of(reinvite)],
    ['one', ...of(reinvite)],
  ]);
});

test('a Contact that leads elsewhere gets no credentials', async () => {
  const clock = new FakeClock();
  const { alice, peer, session } = challengedCall(clock);
  const thief = new SipParty(clock, { name: 'thief', address: { host: '203.0.113.66', port: 5060 } });
  const trap = new RawPeer(connect(clock, 'udp', alice, thief).b);
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 407, { tag: 'x', headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  peer.respond(peer.request('INVITE'), 200, { tag: 'x', headers: [['Contact', '<sip:x@203.0.113.66>']] });
  await clock.advance(100);
  session.bye();
  await clock.advance(100);
  trap.respond(trap.request('BYE'), 407, { headers: [['Proxy-Authenticate', challenge('MD5')]] });
  await clock.advance(1000);
  expect(trap.labels).toEqual(['ACK', 'BYE']);
});

test('the callee answers challenges of its caller only', async () => {
  const clock = new FakeClock();
  const { callee, link } = await establish(clock, 'udp', { called: { credentials } });
  const peer = new RawPeer(link.a);
  callee.session.bye();
  await clock.advance(100);
  peer.respond(peer.request('BYE'), 401, { headers: [['WWW-Authenticate', challenge('SHA-256')]] });
  await clock.advance(100);
  expect(verified(peer.request('BYE'), 'Authorization')).toBe(true);
});

test('a registration is challenged, answered, and goes on with its own sequence', async () => {
  const clock = new FakeClock();
  const { alice, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  let sequence = 41;
  const results: unknown[] = [];
  alice.agent.request(
    {
      method: 'REGISTER',
      uri: parseUri('sip:carrier.example'),
      from: 'sip:gw@carrier.example;user=phone',
      to: 'sip:gw@carrier.example',
      headers: [['Expires', '300']],
      destination: toBob,
      credentials,
      contactUser: 'gw',
      callId: 'registration',
      nextSequence: () => ++sequence,
    },
    (result) => results.push(typeof result === 'string' ? result : result.status),
  );
  await clock.advance(100);
  const first = peer.request('REGISTER');
  expect(first.headers.get('Contact')).toBe('<sip:gw@192.0.2.1:5060>');
  expect(first.headers.get('From')).toMatch(/^<sip:gw@carrier\.example>;user=phone;tag=\w+$/);
  peer.respond(first, 401, { tag: 'x', headers: [['WWW-Authenticate', challenge('MD5')]] });
  await clock.advance(100);
  const second = peer.request('REGISTER');
  expect(second.headers.cseq.number).toBe(43);
  expect(second.headers.callId).toBe('registration');
  expect(verified(second, 'Authorization')).toBe(true);
  peer.respond(second, 200, { tag: 'x' });
  await clock.advance(6000);
  expect(results).toEqual([200]);
  expect(leftovers(alice)).toEqual([0, 0, 0]);
});
