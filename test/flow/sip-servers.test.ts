/** Finding a way to a server: several addresses, TCP for what is large, back to UDP (RFC 3263, RFC 3261 section 18.1.1). */

import { expect, test } from 'vitest';
import type { ServerAddress } from '../../src/sip/destination.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { connect, lastCall, leftovers, pair, SipParty } from '../support/sip-party.ts';

function server(host: string, transport: 'udp' | 'tcp' = 'udp'): ServerAddress {
  return { transport, address: { host, port: 5060 } };
}

/** Alice, and one peer for each host name; only those of `up` are there. */
function farm(clock: FakeClock, up: readonly string[], transport: 'udp' | 'tcp' = 'udp') {
  const alice = new SipParty(clock, { name: 'alice', address: { host: '192.0.2.1', port: 5060 } });
  const peers = up.map((host) => {
    const party = new SipParty(clock, { name: 'carrier', address: { host, port: 5060 } });
    const link = connect(clock, transport, alice, party);
    return { party, link, peer: new RawPeer(link.b) };
  });
  alice.locate = () => ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((host) => server(host, transport));
  const destination = { uri: parseUri('sip:carrier.example'), tcpFallback: false };
  const call = () => alice.call({ name: 'carrier', address: { host: 'carrier.example', port: 5060 } }, destination);
  return { alice, peers, call };
}

test('the next server is tried when one refuses the connection', async () => {
  const clock = new FakeClock();
  const { peers, call } = farm(clock, ['10.0.0.2'], 'tcp');
  call();
  await clock.advance(100);
  expect(peers[0]?.peer.labels).toEqual(['INVITE']);
});

test('the next server is tried when one says 503, with a branch of its own', async () => {
  const clock = new FakeClock();
  const { peers, call } = farm(clock, ['10.0.0.1', '10.0.0.2']);
  const { diary } = call();
  await clock.advance(100);
  const [first, second] = peers;
  if (!first || !second) throw new Error('two peers');
  const invite = first.peer.request('INVITE');
  first.peer.respond(invite, 503, { tag: 'x' });
  await clock.advance(100);
  const again = second.peer.request('INVITE');
  expect(again.headers.callId).toBe(invite.headers.callId);
  expect(again.headers.cseq.number).toBe(invite.headers.cseq.number);
  expect(again.headers.topVia.params.get('branch')).not.toBe(invite.headers.topVia.params.get('branch'));
  expect(diary.entries).toEqual([]);
  second.peer.respond(again, 503, { tag: 'x' });
  await clock.advance(100);
  expect(diary.entries).toEqual(['rejected 503']);
});

test('the next server is tried when one does not answer; the last silence is the end', async () => {
  const clock = new FakeClock();
  const { alice, peers, call } = farm(clock, ['10.0.0.1', '10.0.0.3']);
  const { diary } = call();
  await clock.advance(33_000);
  expect(peers[1]?.peer.labels.length).toBeGreaterThan(0);
  await clock.advance(33_000);
  expect(diary.entries).toEqual(['rejected timeout']);
  expect(leftovers(alice)).toEqual([0, 0, 0]);
});

test('no server at all is a transport failure', async () => {
  const clock = new FakeClock();
  const { alice, call } = farm(clock, []);
  const none = call();
  await clock.advance(10);
  expect(none.diary.entries).toEqual(['rejected transport']);
  alice.locate = () => {
    throw new Error('ENOTFOUND');
  };
  const unknown = call();
  await clock.advance(10);
  expect(unknown.diary.entries).toEqual(['rejected transport']);
  expect(leftovers(alice)).toEqual([0, 0, 0]);
});

test('a call given up between two servers goes to neither', async () => {
  const clock = new FakeClock();
  const { peers, call } = farm(clock, ['10.0.0.1', '10.0.0.2']);
  const { session, diary } = call();
  await clock.advance(100);
  session.cancel();
  const [first, second] = peers;
  first?.peer.respond(first.peer.request('INVITE'), 503, { tag: 'x' });
  await clock.advance(100);
  expect(diary.entries).toEqual(['rejected 503']);
  expect(second?.peer.received).toEqual([]);
});

const large = 'x'.repeat(1300);

function twoTransports(clock: FakeClock) {
  const { alice, bob, link: udp } = pair(clock, 'udp');
  const tcp = connect(clock, 'tcp', alice, bob);
  alice.locate = () => [{ transport: 'udp', address: bob.address }];
  return { alice, bob, udp, tcp };
}

test('a request over 1300 bytes goes by TCP when the target names no transport', async () => {
  const clock = new FakeClock();
  const { alice, bob, udp, tcp } = twoTransports(clock);
  const { session } = alice.call(bob, { uri: parseUri('sip:carrier.example'), tcpFallback: false }, { body: large });
  await clock.advance(100);
  expect([udp.sentBy('a'), tcp.sentBy('a')]).toEqual([[], ['INVITE']]);
  expect(session.request.headers.topVia.transport).toBe('TCP');
  expect(session.request.headers.get('Contact')).toContain(';transport=tcp');
});

test('a request of 1300 bytes goes by UDP, one of 1301 does not', async () => {
  const clock = new FakeClock();
  const { alice, bob, udp, tcp } = twoTransports(clock);
  const uri = parseUri('sip:carrier.example');
  alice.call(bob, { uri, tcpFallback: false }, { body: 'x'.repeat(600) });
  await clock.advance(100);
  const spare = 1300 - (udp.log[0]?.bytes.length ?? 0);
  alice.call(bob, { uri, tcpFallback: false }, { body: 'x'.repeat(600 + spare) });
  await clock.advance(100);
  expect(udp.log.findLast(({ from }) => from === 'a')?.bytes.length).toBe(1300);
  expect(tcp.log).toEqual([]);
  alice.call(bob, { uri, tcpFallback: false }, { body: 'x'.repeat(601 + spare) });
  await clock.advance(100);
  expect(tcp.sentBy('a')).toEqual(['INVITE']);
});

test('credentials that make a request too large move it to TCP', async () => {
  const clock = new FakeClock();
  const { alice, bob, udp, tcp } = twoTransports(clock);
  const peer = new RawPeer(udp.b);
  const credentials = { username: 'gwuser', password: 'gwpass' };
  alice.call(bob, { uri: parseUri('sip:carrier.example'), tcpFallback: false }, { body: 'x'.repeat(750), credentials });
  await clock.advance(100);
  const challenge = 'Digest realm="carrier", nonce="abc", qop="auth", algorithm=SHA-256';
  peer.respond(peer.request('INVITE'), 407, { tag: 'x', headers: [['Proxy-Authenticate', challenge]] });
  await clock.advance(100);
  expect([udp.sentBy('a'), tcp.sentBy('a')]).toEqual([['INVITE', 'ACK'], ['INVITE']]);
  expect(tcp.log[0]?.message.headers.cseq.number).toBe(2);
});

test('with transport=udp it goes by UDP, unless TCP may stand in', async () => {
  const clock = new FakeClock();
  const { alice, bob, udp, tcp } = twoTransports(clock);
  const uri = parseUri('sip:carrier.example;transport=udp');
  alice.call(bob, { uri, tcpFallback: false }, { body: large });
  await clock.advance(100);
  expect([udp.sentBy('a'), tcp.sentBy('a')]).toEqual([['INVITE'], []]);
  alice.call(bob, { uri, tcpFallback: true }, { body: large });
  await clock.advance(100);
  expect(tcp.sentBy('a')).toEqual(['INVITE']);
});

test('it goes by UDP after all when there is no TCP', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  alice.locate = () => [{ transport: 'udp', address: bob.address }];
  const destination = 'uri' in toBob ? { uri: parseUri('sip:carrier.example'), tcpFallback: false } : toBob;
  const { diary } = alice.call(bob, destination, { body: large });
  await clock.advance(100);
  lastCall(bob).session.accept({ body: 'answer' });
  await clock.advance(100);
  expect(link.sentBy('a')).toEqual(['INVITE', 'ACK']);
  expect(diary.entries).toEqual(['accepted']);
});

test('in a dialog requests follow the route set and the Contact', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  const seen: string[] = [];
  alice.locate = (uri) => {
    seen.push(uri.host);
    return [{ transport: 'udp', address: bob.address }];
  };
  const { session } = alice.call(bob, toBob);
  await clock.advance(100);
  const invite = peer.request('INVITE');
  const headers = [
    ['Record-Route', '<sip:far.example;lr>'],
    ['Record-Route', '<sip:near.example;lr>, <sip:nearest.example;lr>'],
  ] as const;
  peer.answer(invite, 'x', { headers });
  await clock.advance(100);
  session.bye();
  await clock.advance(100);
  const bye = peer.request('BYE');
  expect(seen.slice(1)).toEqual(['nearest.example', 'nearest.example']);
  expect(bye.headers.routes.map(({ uri }) => (typeof uri === 'string' ? uri : uri.host))).toEqual([
    'nearest.example',
    'near.example',
    'far.example',
  ]);
  expect(bye.uri).toMatchObject({ user: 'x', host: '192.0.2.2' });
});
