/** What strangers and broken peers send: answered correctly or not at all, and never remembered for long. */

import { describe, expect, test } from 'vitest';
import type { Authentication } from '../../src/sip/authentication.ts';
import type { Destination } from '../../src/sip/destination.ts';
import { createRequest } from '../../src/sip/message/build.ts';
import type { SipRequest } from '../../src/sip/message/message.ts';
import { SipError } from '../../src/sip/message/sip-error.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { connect, establish, lastCall, leftovers, pair, SipParty } from '../support/sip-party.ts';

const bobUri = 'sip:bob@192.0.2.2:5070';

function victim(clock: FakeClock, options: Parameters<typeof pair>[2] = {}): { bob: SipParty; peer: RawPeer; labels: () => string[] } {
  const { bob, link } = pair(clock, 'udp', options);
  const peer = new RawPeer(link.a);
  return { bob, peer, labels: () => link.sentBy('b') };
}

function via(branch: string | number): string {
  return `SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK${branch};rport`;
}

describe('requests that match nothing', () => {
  test.each(['BYE', 'UPDATE', 'INFO', 'CANCEL'])('%s is answered 481', async (method) => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    peer.sendRequest(method, bobUri, { Via: via(1), CSeq: `1 ${method}` });
    peer.sendRequest(method, bobUri, { Via: via(2), CSeq: `1 ${method}`, To: '<sip:bob@example.com>;tag=guessed' });
    await clock.advance(100);
    expect(labels()).toEqual([`481 ${method}`, `481 ${method}`]);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });

  test('an ACK is dropped, and any number of them leaves nothing', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    for (let count = 0; count < 2000; count++) {
      peer.sendRequest('ACK', bobUri, { Via: via(count), CSeq: '1 ACK', To: '<sip:bob@example.com>;tag=guessed' });
    }
    await clock.advance(100);
    expect(labels()).toEqual([]);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });

  test('responses are dropped', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    for (const status of [100, 180, 200, 404]) {
      peer.send([
        `SIP/2.0 ${status} Whatever`,
        `Via: ${via(status)}`,
        'From: <sip:a@b>;tag=1',
        'To: <sip:c@d>;tag=2',
        'Call-ID: x',
        'CSeq: 1 INVITE',
      ]);
    }
    await clock.advance(100);
    expect(labels()).toEqual([]);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });
});

describe('methods and extensions', () => {
  test.each([
    ['REFER', 405],
    ['MESSAGE', 405],
    ['SUBSCRIBE', 405],
    ['REGISTER', 405],
    ['RE%47ISTER', 501],
  ])('%s is answered %i with Allow', async (method, status) => {
    const clock = new FakeClock();
    const { peer, labels } = victim(clock);
    peer.sendRequest(method, bobUri, { CSeq: `1 ${method}` });
    await clock.advance(100);
    expect(labels()).toEqual([`${status} ${method}`]);
    expect(peer.received[0]?.headers.get('Allow')).toContain('INVITE, ACK, CANCEL, BYE');
  });

  test('OPTIONS is answered with what can be done', async () => {
    const clock = new FakeClock();
    const { bob, peer } = victim(clock);
    bob.agent.handle('REGISTER', (incoming) => incoming.respond(200));
    peer.sendRequest('OPTIONS', bobUri, { 'Max-Forwards': '0' });
    await clock.advance(100);
    const [answer] = peer.received;
    expect(answer).toMatchObject({ kind: 'response', status: 200 });
    expect(answer?.headers.get('Allow')).toBe('INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE, REGISTER');
    expect(answer?.headers.get('Accept')).toBe('application/sdp');
    expect(answer?.headers.get('Supported')).toBe('timer');
  });

  test('a required extension that is unknown is named in Unsupported, within a dialog too', async () => {
    const clock = new FakeClock();
    const { peer, labels } = victim(clock);
    peer.sendRequest('INVITE', bobUri, { Require: 'timer, 100rel', Contact: '<sip:a@192.0.2.1>' });
    await clock.advance(100);
    expect(labels()).toEqual(['420 INVITE']);
    expect(peer.received[0]?.headers.get('Unsupported')).toBe('100rel');
    const call = await establish(clock, 'udp');
    call.caller.session.info('text/plain', 'first');
    await clock.advance(100);
    const info = Buffer.from(call.link.log[0]?.bytes ?? []).toString();
    const required = info.replace('CSeq: 2', 'Require: precondition\r\nCSeq: 3').replace(/branch=\w+/, 'branch=z9hG4bKx');
    call.link.a.send(Buffer.from(required));
    await clock.advance(100);
    expect(call.link.sentBy('b').at(-1)).toBe('420 INFO');
  });

  test('an INVITE without Contact, or with two, is refused', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    peer.sendRequest('INVITE', bobUri, { Via: via(1) });
    peer.sendRequest('INVITE', bobUri, { Via: via(2), 'Call-ID': 'b', Contact: '<sip:a@b>, <sip:c@d>' });
    await clock.advance(100);
    expect(labels()).toEqual(['400 INVITE', '400 INVITE']);
    expect(bob.agent.sessions).toBe(0);
  });

  test('the same INVITE by two ways is refused once with 482', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    peer.sendRequest('INVITE', bobUri, { Via: via('left'), Contact: '<sip:a@192.0.2.1>' });
    peer.sendRequest('INVITE', bobUri, { Via: via('right'), Contact: '<sip:a@192.0.2.1>' });
    await clock.advance(100);
    expect(labels()).toEqual(['100 INVITE', '482 INVITE']);
    expect(bob.calls).toHaveLength(1);
  });

  test('a handler that breaks is answered 500, and the next request as ever', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock);
    bob.onInvite = () => {
      throw new Error('broken');
    };
    peer.sendRequest('INVITE', bobUri, { Contact: '<sip:a@192.0.2.1>' });
    await clock.advance(100);
    expect(labels()).toEqual(['500 INVITE']);
    peer.sendRequest('OPTIONS', bobUri, { Via: via('o'), 'Call-ID': 'o' });
    await clock.advance(100);
    expect(labels()).toEqual(['500 INVITE', '200 OPTIONS']);
  });
});

describe('authentication', () => {
  const asking: Authentication = { outcome: 'respond', status: 407, headers: [['Proxy-Authenticate', 'Digest realm="x", nonce="y"']] };

  test('strangers get no answer to anything, and leave nothing', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock, { bob: { authenticate: () => ({ outcome: 'ignore' }) } });
    for (const method of ['INVITE', 'OPTIONS', 'REGISTER', 'BYE', 'CANCEL', 'FOO', 'SUBSCRIBE']) {
      peer.sendRequest(method, bobUri, { Via: via(method), CSeq: `1 ${method}` });
      peer.sendRequest(method, bobUri, { Via: via(`${method}2`), CSeq: `1 ${method}`, To: '<sip:bob@x>;tag=y' });
    }
    const partial = createRequest('INVITE', 'sip:x', [['Via', via('m')]]);
    for (const flow of bob.flows.values()) bob.agent.malformed(new SipError(400, 'broken', { partial }), flow, clock.now());
    await clock.advance(100);
    expect(labels()).toEqual([]);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });

  test('an INVITE is challenged before anybody hears of it, and so is its retransmission', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock, { bob: { authenticate: () => asking } });
    const headers = { Via: via('i'), Contact: '<sip:a@192.0.2.1>' };
    peer.sendRequest('INVITE', bobUri, headers);
    peer.sendRequest('INVITE', bobUri, headers);
    await clock.advance(100);
    expect(labels()).toEqual(['407 INVITE', '407 INVITE']);
    expect(bob.calls).toEqual([]);
    expect(peer.received[0]?.headers.get('Proxy-Authenticate')).toContain('realm="x"');
    peer.sendRequest('ACK', bobUri, { ...headers, CSeq: '1 ACK', To: peer.received[0]?.headers.get('To') ?? '' });
    await clock.advance(6000);
    expect(labels()).toHaveLength(2);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });

  test('any number of requests without a password takes no place from those who have one', async () => {
    const clock = new FakeClock();
    const known = ({ headers }: SipRequest): boolean => headers.callId === 'known';
    const accept: Authentication = { outcome: 'accept', identity: { kind: 'user', user: 'alice' } };
    const authenticate = (request: SipRequest): Authentication => (known(request) ? accept : asking);
    const { bob, peer, labels } = victim(clock, { bob: { authenticate, limits: { all: 50 } } });
    for (let count = 0; count < 500; count++) peer.sendRequest('INVITE', bobUri, { Via: via(count), 'Call-ID': `flood${count}` });
    await clock.advance(100);
    expect([bob.agent.transactions, labels().filter((label) => label === '407 INVITE')]).toMatchObject([0, { length: 500 }]);
    peer.sendRequest('OPTIONS', bobUri, { Via: via('known'), 'Call-ID': 'known' });
    await clock.advance(100);
    expect(labels().at(-1)).toBe('200 OPTIONS');
  });
});

describe('limits', () => {
  test('requests beyond the limit are answered 503 and not remembered', async () => {
    const clock = new FakeClock();
    const { bob, peer, labels } = victim(clock, { bob: { limits: { all: 50 } } });
    for (let count = 0; count < 500; count++) peer.sendRequest('OPTIONS', bobUri, { Via: via(count), 'Call-ID': `flood${count}` });
    await clock.advance(100);
    expect(labels().filter((label) => label === '200 OPTIONS')).toHaveLength(50);
    expect(labels().filter((label) => label === '503 OPTIONS')).toHaveLength(450);
    expect(bob.agent.transactions).toBe(50);
    await clock.advance(33_000);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });

  test.each([
    ['ws', { perBrowser: 20 }],
    ['udp', { perTrunk: 20 }],
  ] as const)('a peer over %s that asks for too much is refused alone', async (transport, limits) => {
    const clock = new FakeClock();
    const { alice, bob, link, toBob } = pair(clock, transport, { bob: { limits } });
    const calls = Array.from({ length: 25 }, () => alice.call(bob, toBob));
    await clock.advance(100);
    expect(calls.filter(({ diary }) => diary.entries.at(-1) === 'rejected 503')).toHaveLength(5);
    const carol = new SipParty(clock, { name: 'carol', address: { host: '192.0.2.3', port: 5080 } });
    const other = connect(clock, transport, carol, bob);
    const toBobToo: Destination = transport === 'ws' ? { flowId: other.a.id } : toBob;
    carol.call(bob, toBobToo);
    await clock.advance(100);
    expect(bob.calls).toHaveLength(21);
    for (const { session } of bob.calls) session.reject(486);
    await clock.advance(40_000);
    alice.call(bob, toBob);
    await clock.advance(100);
    expect(link.sentBy('b').at(-1)).toBe('100 INVITE');
  });

  test('INVITEs that are never answered nor acknowledged leave nothing once they are refused', async () => {
    const clock = new FakeClock();
    const { bob, peer } = victim(clock);
    for (let count = 0; count < 200; count++) {
      peer.sendRequest('INVITE', bobUri, { Via: via(count), 'Call-ID': `flood${count}`, Contact: '<sip:a@192.0.2.1>' });
    }
    await clock.advance(100);
    expect(bob.agent.sessions).toBe(200);
    for (const { session } of bob.calls) session.reject(503);
    await clock.advance(33_000);
    expect(leftovers(bob)).toEqual([0, 0, 0]);
  });
});

describe('within a dialog', () => {
  test('requests out of order are refused with 500', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, 'udp');
    caller.session.info('text/plain', 'one');
    await clock.advance(100);
    const info = Buffer.from(link.log[0]?.bytes ?? []).toString();
    for (const [branch, sequence] of [
      ['a', 2],
      ['b', 1],
      ['c', 4_294_967_295],
      ['d', 3],
    ]) {
      link.a.send(Buffer.from(info.replace(/branch=\w+/, `branch=z9hG4bK${branch}`).replace(/CSeq: \d+/, `CSeq: ${sequence}`)));
    }
    await clock.advance(100);
    expect(link.sentBy('b')).toEqual(['200 INFO', '500 INFO', '500 INFO', '200 INFO', '500 INFO']);
    expect(callee.diary.entries).toEqual(['info one', 'info one']);
  });

  test('the wrong remote tag is no dialog', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, 'udp');
    caller.session.info('text/plain', 'one');
    await clock.advance(100);
    const info = Buffer.from(link.log[0]?.bytes ?? []).toString();
    const wrong = info.replace(/From: (.*);tag=\w+/, 'From: $1;tag=wrong').replace(/branch=\w+/, 'branch=z9hG4bKw');
    link.a.send(Buffer.from(wrong));
    link.a.send(Buffer.from(wrong.replace(';tag=wrong', '').replace('z9hG4bKw', 'z9hG4bKv')));
    await clock.advance(100);
    expect(link.sentBy('b')).toEqual(['200 INFO', '481 INFO', '481 INFO']);
    expect(callee.diary.entries).toEqual(['info one']);
  });

  test('our tag in another call is no dialog', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, 'udp');
    caller.session.info('text/plain', 'one');
    await clock.advance(100);
    const info = Buffer.from(link.log[0]?.bytes ?? []).toString();
    link.a.send(Buffer.from(info.replace(/Call-ID: .*/, 'Call-ID: other').replace(/branch=\w+/, 'branch=z9hG4bKw')));
    await clock.advance(100);
    expect(link.sentBy('b')).toEqual(['200 INFO', '481 INFO']);
    expect(callee.diary.entries).toEqual(['info one']);
  });

  test('a handler that breaks ends its request with 500 only', async () => {
    const clock = new FakeClock();
    const { caller, callee, link } = await establish(clock, 'udp');
    callee.diary.answer = () => {
      throw new Error('broken');
    };
    caller.session.reinvite('hold');
    await clock.advance(100);
    expect(link.sentBy('b')).toEqual(['500 INVITE']);
    expect(caller.diary.entries).toEqual(['modify rejected 500']);
    expect(callee.session.state).toBe('confirmed');
  });

  test('names like __proto__ are just names', async () => {
    const clock = new FakeClock();
    const { bob, peer } = victim(clock);
    peer.sendRequest('INVITE', bobUri, {
      'Call-ID': '__proto__',
      From: '<sip:a@b>;tag=constructor;__proto__=1',
      Contact: '<sip:a@192.0.2.1;__proto__>',
      toString: 'x',
    });
    await clock.advance(100);
    lastCall(bob).session.accept({ body: 'answer' });
    await clock.advance(100);
    expect(peer.labels).toEqual(['100 INVITE', '200 INVITE']);
  });
});
