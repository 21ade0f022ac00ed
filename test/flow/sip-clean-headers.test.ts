/** Whatever the call, our messages carry these header fields and no others. */

import { expect, test } from 'vitest';
import { FakeClock } from '../support/fake-clock.ts';
import { RawPeer } from '../support/raw-peer.ts';
import { lastCall, pair } from '../support/sip-party.ts';

const allowed = new Set([
  'Via',
  'Max-Forwards',
  'Route',
  'Record-Route',
  'From',
  'To',
  'Call-ID',
  'CSeq',
  'Contact',
  'Allow',
  'Supported',
  'Require',
  'Session-Expires',
  'Min-SE',
  'User-Agent',
  'Server',
  'Content-Type',
  'Content-Length',
  'Authorization',
  'Proxy-Authorization',
  'Reason',
  'Retry-After',
]);

test('of both sides of a call with everything in it', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const caller = alice.call(bob, toBob, { sessionExpiresSec: 90 });
  await clock.advance(100);
  const callee = lastCall(bob);
  callee.session.progress(183, { body: 'early' });
  callee.session.accept({ body: 'answer' });
  await clock.advance(100);
  caller.session.reinvite('hold');
  callee.session.reinvite('hold');
  await clock.advance(50_000);
  caller.session.info('application/dtmf-relay', 'Signal=1');
  callee.session.update('resume');
  await clock.advance(1000);
  caller.session.bye({ reason: 'Q.850;cause=16' });
  await clock.advance(1000);
  const given = alice.call(bob, toBob);
  await clock.advance(100);
  given.session.cancel('SIP;cause=487');
  await clock.advance(100);
  const sent = link.log.map(({ message }) => message);
  const kinds = new Set(sent.map((message) => (message.kind === 'request' ? message.method : String(message.status))));
  expect([...kinds].sort().join(' ')).toBe('100 183 200 487 491 ACK BYE CANCEL INFO INVITE UPDATE');
  for (const { headers } of sent) {
    for (const [name] of headers.entries()) expect(allowed).toContain(name);
    expect(headers.getAll('Via')).toHaveLength(1);
    expect(headers.get('User-Agent') ?? headers.get('Server') ?? 'none').toMatch(/^(alice|bob)\/1$|^none$/);
  }
});

test('an INVITE looks so', async () => {
  const clock = new FakeClock();
  const { alice, bob, link, toBob } = pair(clock, 'udp');
  const peer = new RawPeer(link.b);
  alice.call(bob, toBob, { sessionExpiresSec: 1800, maxForwards: 68, body: 'v=0\r\n' });
  await clock.advance(100);
  const text = Buffer.from(link.log[0]?.bytes ?? [])
    .toString()
    .replaceAll(/(branch=z9hG4bK|tag=|Call-ID: )\w+/g, '$1...');
  expect(peer.labels).toEqual(['INVITE']);
  expect(text.split('\r\n')).toEqual([
    'INVITE sip:bob@192.0.2.2:5070 SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK...;rport',
    'Max-Forwards: 68',
    'From: <sip:alice@example.com>;tag=...',
    'To: <sip:bob@example.com>',
    'Call-ID: ...',
    'CSeq: 1 INVITE',
    'Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, UPDATE',
    'Supported: timer',
    'Session-Expires: 1800',
    'User-Agent: alice/1',
    'Content-Type: application/sdp',
    'Contact: <sip:alice@192.0.2.1:5060>',
    'Content-Length: 5',
    '',
    'v=0',
    '',
  ]);
});
