import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classes, Message, methods, parseMessage } from 'werift';
import { LiteAgent, type PeerAddress, ufragsOf } from '../../../src/ice/lite-agent.ts';
import { addFingerprint, addIntegrity, integrityKey, verifyFingerprint, verifyIntegrity } from '../../../src/stun/integrity.ts';
import { attributeOf, parseStun, stunAttribute, writeStun } from '../../../src/stun/message.ts';
import { xorMappedAddress } from '../../../src/stun/values.ts';
import { check, checkBytes, controlled, local, observe, peer, read, renewed, useCandidate } from './browser-checks.ts';

const key = integrityKey(local.pwd);

describe('a check', () => {
  test('is answered before the browser has described itself, with the address it came from', () => {
    const { agent, sent, events, checks } = observe();
    const request = check();
    expect(agent.receive(request, peer(1), 0)).toBe(true);
    expect(checks).toEqual([null]);
    expect(sent).toHaveLength(1);
    const { message, to } = sent[0] as (typeof sent)[0];
    expect(to).toBe(1);
    expect(message.messageClass).toBe('success');
    expect(message.transactionId).toEqual(request.transactionId);
    expect(verifyIntegrity(message, key) && verifyFingerprint(message)).toBe(true);
    expect(message.attributes).toEqual([xorMappedAddress({ host: '192.0.2.1', port: 50_001 }, message.transactionId)]);
    expect(events).toEqual(['validated 1']);
    expect(agent.validated).toMatchObject([{ key: 1 }]);
    expect(agent.selected).toBeNull();
  });

  test('over IPv6 is answered with an IPv6 address', () => {
    const { agent, sent } = observe();
    agent.receive(check(), peer(1, '2001:db8::1'), 0);
    expect(sent[0]?.message.attributes[0]?.value).toHaveLength(20);
  });

  test('with USE-CANDIDATE nominates, the latest wins, and repeating it says nothing new', () => {
    const { agent, events } = observe();
    agent.receive(check(), peer(1), 0);
    agent.receive(check({ nominate: true }), peer(1), 50);
    agent.receive(check({ nominate: true }), peer(1), 100);
    agent.receive(check({ nominate: true }), peer(2), 150);
    agent.receive(check(), peer(1), 200);
    expect(events).toEqual(['validated 1', 'nominated 1', 'validated 2', 'nominated 2']);
    expect(agent.selected?.key).toBe(2);
  });

  test('must name both ufrags once both are known', () => {
    const { agent } = observe();
    agent.setRemoteUfrag('theirs', 0);
    expect(agent.receive(check({ username: 'ours:theirs' }), peer(1), 0)).toBe(true);
    expect(agent.receive(check({ username: 'ours:other' }), peer(2), 0)).toBe(false);
    expect(agent.receive(check({ username: 'ours:theirs:more' }), peer(2), 0)).toBe(false);
  });

  test('with an unknown attribute that must be understood gets 420 and validates nothing', () => {
    const { agent, sent, events, checks } = observe();
    const unknown = { type: 0x7abc, value: new Uint8Array(3) };
    expect(agent.receive(check({ extra: [unknown], nominate: true }), peer(1), 0)).toBe(false);
    expect(checks).toEqual(['attribute']);
    const message = sent[0]?.message;
    expect(message?.messageClass).toBe('error');
    expect(message && verifyIntegrity(message, key)).toBe(true);
    expect(message && attributeOf(message, stunAttribute.errorCode)?.slice(0, 4)).toEqual(Uint8Array.of(0, 0, 4, 20));
    expect(message && attributeOf(message, stunAttribute.unknownAttributes)).toEqual(Uint8Array.of(0x7a, 0xbc));
    expect(events).toEqual([]);
  });

  test('from a peer that thinks it is controlled gets 487 each time and validates nothing', () => {
    const { agent, sent, events, checks } = observe();
    for (let i = 0; i < 3; i++) expect(agent.receive(check({ role: controlled, nominate: true }), peer(1), 0)).toBe(false);
    const codes = sent.map(({ message }) => attributeOf(message, stunAttribute.errorCode)?.slice(0, 4));
    expect(checks).toEqual(Array(3).fill('role'));
    expect(codes).toEqual(Array(3).fill(Uint8Array.of(0, 0, 4, 87)));
    expect(events).toEqual([]);
  });
});

describe('no answer and no effect', () => {
  const request = { messageClass: 'request', method: 1, transactionId: new Uint8Array(12) } as const;
  const username = { type: stunAttribute.username, value: Buffer.from('ours:theirs') };
  const tampered = checkBytes();
  tampered[30] = (tampered[30] as number) ^ 1;
  const badFingerprint = checkBytes();
  badFingerprint[badFingerprint.length - 1] = (badFingerprint.at(-1) as number) ^ 1;

  const withoutFingerprint = checkBytes().slice(0, -8);
  new DataView(withoutFingerprint.buffer).setUint16(2, withoutFingerprint.length - 20);

  test.each([
    ['a wrong password', 'integrity', check({ credentials: { ufrag: 'ours', pwd: 'guess' } })],
    ['another ufrag', 'username', check({ username: 'their:theirs' })],
    ['a ufrag that begins like ours', 'username', check({ username: 'ours2:theirs' })],
    ['a ufrag without its colon', 'username', check({ username: 'ours' })],
    ['an empty username', 'username', check({ username: '' })],
    ['a username of 60 kB', 'integrity', check({ username: `ours:${'x'.repeat(60_000)}`, credentials: { ufrag: 'ours', pwd: 'x' } })],
    ['no username', 'username', read(addFingerprint(writeStun({ ...request, attributes: [] })))],
    ['no integrity', 'integrity', read(addFingerprint(writeStun({ ...request, attributes: [username, useCandidate] })))],
    ['a changed byte', 'fingerprint', read(tampered)],
    ['no fingerprint', 'fingerprint', read(withoutFingerprint)],
    ['a wrong fingerprint', 'fingerprint', read(badFingerprint)],
  ] as const)('%s', (_, refusal, message) => {
    const { agent, sent, events, checks } = observe();
    expect(agent.receive(message, peer(1), 0)).toBe(false);
    expect(sent).toEqual([]);
    expect(events).toEqual([]);
    expect(checks).toEqual([refusal]);
    expect(agent.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test.each([
    ['indication', 1],
    ['success', 1],
    ['error', 1],
    ['request', 3],
  ] as const)('an authentic %s of method %d', (messageClass, method) => {
    const { agent, sent, events, checks } = observe();
    const message = writeStun({ ...request, messageClass, method, attributes: [username] });
    expect(agent.receive(read(addFingerprint(addIntegrity(message, key))), peer(1), 0)).toBe(false);
    expect(sent).toEqual([]);
    expect(events).toEqual([]);
    expect(checks).toEqual([]);
  });

  test('our own answers, sent back', () => {
    const { agent: answering, sent } = observe();
    answering.receive(check(), peer(1), 0);
    const { agent, events } = observe();
    for (const { message } of sent) expect(agent.receive(message, peer(1), 0)).toBe(false);
    expect(events).toEqual([]);
  });

  test('arbitrary and damaged bytes', () => {
    const { agent, events } = observe();
    const damaged = fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })).map(([at, mask]) => {
      const bytes = checkBytes({ nominate: true });
      const place = at % bytes.length;
      bytes[place] = (bytes[place] as number) ^ mask;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 150 }), damaged), (bytes) => {
        const message = parseStun(bytes);
        expect(message !== null && agent.receive(message, peer(1), 0)).toBe(false);
      }),
    );
    expect(events).toEqual([]);
  });
});

test('an answer is no larger than a check from a browser: nothing to amplify', () => {
  const { agent, sent } = observe();
  const request = check();
  agent.receive(request, peer(1, '2001:db8::1'), 0);
  expect(sent[0]?.message.bytes.length).toBeLessThanOrEqual(request.bytes.length);
});

describe('consent', () => {
  test('holds 30 s from the last check, is lost once, and comes back with the next one', () => {
    const { agent, events } = observe();
    agent.receive(check({ nominate: true }), peer(1), 1000);
    agent.receive(check(), peer(1), 4000);
    expect(agent.deadline).toBe(34_000);
    agent.expire(33_999);
    expect(agent.validated).toMatchObject([{ key: 1 }]);
    agent.expire(34_000);
    agent.expire(40_000);
    expect(agent.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(agent.validated).toEqual([]);
    expect(agent.selected).toBeNull();
    agent.receive(check(), peer(1), 50_000);
    expect(events).toEqual(['validated 1', 'nominated 1', 'released 1', 'consent lost', 'validated 1', 'consent restored', 'nominated 1']);
    expect(agent.selected?.key).toBe(1);
  });

  test('is due within 30 s of the description, even if no check ever comes', () => {
    const { agent, events } = observe();
    agent.setRemoteUfrag('theirs', 500);
    agent.setRemoteUfrag('theirs', 20_000);
    expect(agent.deadline).toBe(30_500);
    agent.expire(30_500);
    expect(events).toEqual(['consent lost']);
    expect(agent.deadline).toBe(Number.POSITIVE_INFINITY);
    agent.receive(check(), peer(1), 31_000);
    expect(events).toEqual(['consent lost', 'validated 1', 'consent restored']);
    expect(agent.selected).toBeNull();
  });

  test('is not due while the browser has not described itself: it may ring for minutes', () => {
    const { agent } = observe();
    expect(agent.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('a refused check does not prolong it', () => {
    const { agent, events } = observe();
    agent.receive(check(), peer(1), 0);
    agent.receive(check({ role: controlled }), peer(1), 20_000);
    agent.receive(check({ credentials: { ufrag: 'ours', pwd: 'guess' } }), peer(1), 20_000);
    agent.expire(30_000);
    expect(events.at(-1)).toBe('consent lost');
  });

  test('of an address lapses by itself; the one heard last is sent to then', () => {
    const { agent, events } = observe();
    agent.receive(check({ nominate: true }), peer(1), 0);
    agent.receive(check(), peer(2), 5000);
    agent.receive(check(), peer(3), 9000);
    agent.receive(check(), peer(2), 10_000);
    agent.expire(30_000);
    expect(events.slice(-2)).toEqual(['released 1', 'nominated 2']);
    agent.expire(40_000);
    expect(events.slice(-3)).toEqual(['released 3', 'released 2', 'consent lost']);
  });
});

test('addresses that lapse together give way to none of them', () => {
  const { agent, events } = observe();
  agent.receive(check({ nominate: true }), peer(1), 0);
  agent.receive(check(), peer(2), 10);
  agent.expire(40_000);
  expect(events.slice(3)).toEqual(['released 1', 'released 2', 'consent lost']);
});

test('at most 16 addresses are valid; the selected one and those heard lately stay', () => {
  const { agent, events } = observe();
  agent.receive(check({ nominate: true }), peer(0), 0);
  for (let port = 1; port < 100; port++) agent.receive(check(), peer(port), port);
  expect(agent.validated.map(({ key }) => key)).toEqual([0, ...Array.from({ length: 15 }, (_, i) => 85 + i)]);
  expect(agent.selected?.key).toBe(0);
  expect(events.filter((event) => event.startsWith('released'))).toHaveLength(84);
});

describe('an ICE restart', () => {
  test('leaves the former credentials valid until the new ones nominate', () => {
    const { agent, events } = observe();
    agent.setRemoteUfrag('theirs', 0);
    agent.receive(check({ nominate: true }), peer(1), 0);
    agent.restart(renewed);
    agent.setRemoteUfrag('theirs2', 10);
    expect(agent.receive(check(), peer(1), 100)).toBe(true);
    expect(agent.receive(check({ credentials: renewed, username: 'ours2:theirs2' }), peer(2), 200)).toBe(true);
    expect(agent.receive(check({ nominate: true }), peer(1), 300)).toBe(true);
    expect(agent.receive(check({ nominate: true }), peer(1), 350)).toBe(true);
    expect(agent.selected?.key).toBe(1);
    expect(agent.receive(check({ credentials: renewed, username: 'ours2:theirs2', nominate: true }), peer(2), 400)).toBe(true);
    expect(agent.receive(check(), peer(1), 500)).toBe(false);
    expect(events).toEqual(['validated 1', 'nominated 1', 'validated 2', 'nominated 2']);
  });

  test("may follow the news of the browser's own new ufrag", () => {
    const { agent } = observe();
    agent.setRemoteUfrag('theirs', 0);
    agent.setRemoteUfrag('theirs2', 0);
    agent.restart(renewed);
    expect(agent.receive(check({ username: 'ours:theirs' }), peer(1), 0)).toBe(true);
    expect(agent.receive(check({ credentials: renewed, username: 'ours2:theirs2' }), peer(1), 0)).toBe(true);
  });

  test('answers each generation with its own password', () => {
    const { agent, sent } = observe();
    agent.restart(renewed);
    agent.receive(check(), peer(1), 0);
    agent.receive(check({ credentials: renewed }), peer(1), 0);
    const [former, current] = sent.map(({ message }) => message);
    expect(former && verifyIntegrity(former, key)).toBe(true);
    expect(current && verifyIntegrity(current, integrityKey(renewed.pwd))).toBe(true);
  });

  test('takes no password of one generation with the ufrag of the other', () => {
    const { agent } = observe();
    agent.restart(renewed);
    expect(agent.receive(check({ username: 'ours:theirs', credentials: renewed }), peer(1), 0)).toBe(false);
    expect(agent.receive(check({ username: 'ours2:theirs', credentials: local }), peer(1), 0)).toBe(false);
  });

  test('a second one ends the first generation', () => {
    const { agent } = observe();
    agent.restart(renewed);
    agent.restart({ ufrag: 'ours3', pwd: 'the-third-password-of-ours' });
    expect(agent.receive(check(), peer(1), 0)).toBe(false);
    expect(agent.receive(check({ credentials: renewed }), peer(1), 0)).toBe(true);
  });
});

describe('ufragsOf', () => {
  test('is the first half of the username', () => {
    expect(ufragsOf(check({ username: 'abc:def' }))).toEqual({ ours: 'abc', theirs: 'def' });
  });

  test.each([
    ['no colon', check({ username: 'abc' })],
    ['nothing before it', check({ username: ':abc' })],
  ])('is null: %s', (_, message) => {
    expect(ufragsOf(message)).toBeNull();
  });
});

test("a check made by werift's STUN codec is answered in a way it verifies", () => {
  const answers: Uint8Array[] = [];
  const nominated: PeerAddress[] = [];
  const out = { checked() {}, validated() {}, released() {}, consentLost() {}, consentRestored() {} };
  const agent = new LiteAgent({ local }, { ...out, send: (bytes) => answers.push(bytes), nominated: (address) => nominated.push(address) });
  const request = new Message(methods.BINDING, classes.REQUEST);
  request
    .setAttribute('USERNAME', 'ours:theirs')
    .setAttribute('PRIORITY', 1)
    .setAttribute('ICE-CONTROLLING', 5n)
    .setAttribute('USE-CANDIDATE', null)
    .addMessageIntegrity(Buffer.from(local.pwd));
  request.addFingerprint();
  expect(agent.receive(read(request.bytes), peer(7), 0)).toBe(true);
  expect(nominated).toMatchObject([peer(7)]);
  const answer = parseMessage(Buffer.from(answers[0] as Uint8Array), Buffer.from(local.pwd));
  expect(answer?.messageClass).toBe(classes.RESPONSE);
  expect(answer?.transactionId).toEqual(request.transactionId);
  expect(answer?.getAttributeValue('XOR-MAPPED-ADDRESS')).toEqual(['192.0.2.1', 50_007]);
});
