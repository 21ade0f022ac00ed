/** Who says that he is somebody else: wrong passwords, foreign names, guessed dialogs, challenges from the wrong realm. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GatewayProcess, testUser } from '../support/gateway-process.ts';
import { callEnds, phoneOptions, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, headers, method, type PlainMessage, status } from '../support/plain-sip.ts';
import type { Fields } from '../support/trunk-call.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import { WebSocketPhone } from '../support/websocket-phone.ts';

const mallory = { name: 'mallory', password: 'other secret', callerId: '+15550666' };

describe('impostors', () => {
  const open: WebSocketPhone[] = [];
  let trunk: TrunkPeer;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    trunk = await TrunkPeer.open();
    gateway = await GatewayProcess.start({
      trunk: trunk.address,
      origins: [phoneOrigin],
      trunkSettings: { auth: { username: 'gwuser', password: 'gwpass', realm: 'carrier.example' } },
      config: { users: [testUser, mallory] },
    });
  });

  afterAll(async () => {
    await Promise.all(open.map((phone) => phone.close()));
    trunk.close();
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(gateway.output).not.toContain(testUser.password);
    expect(gateway.output).not.toContain('gwpass');
  });

  async function connect(account: { user?: string; password?: string } = {}): Promise<WebSocketPhone> {
    const phone = await WebSocketPhone.connect({ ...phoneOptions(gateway), ...account });
    open.push(phone);
    return phone;
  }

  async function registered(user = testUser): Promise<WebSocketPhone> {
    const phone = await registeredPhone(gateway, { user: user.name, password: user.password });
    open.push(phone);
    return phone;
  }

  test('a wrong password and an unknown name get the same answer', async () => {
    const refused = [await (await connect({ user: 'nobody' })).register(), await (await connect({ password: 'guess' })).register()];
    expect(refused.map(status)).toEqual([401, 401]);
    const [unknown = '', known = ''] = refused.map((message) =>
      headers(message, 'WWW-Authenticate')
        .join('\n')
        .replace(/nonce="[^"]*"/g, 'nonce'),
    );
    expect(unknown).toBe(known);
    expect(refused.map(({ startLine }) => startLine)).toEqual(['SIP/2.0 401 Unauthorized', 'SIP/2.0 401 Unauthorized']);
  });

  test('guessing is stopped, for the guessed name and from this address only', async () => {
    const guesser = await connect({ user: 'victim', password: 'guess' });
    const answers: number[] = [];
    for (let guess = 0; guess < 12; guess += 1) answers.push(status(await guesser.register()));
    expect(answers.slice(0, 9)).toEqual(Array(9).fill(401));
    expect(answers.at(-1)).toBe(403);
    expect(status(await (await connect()).register())).toBe(200);
  });

  test.each(['INVITE', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'REFER', 'NOTIFY', 'PUBLISH'])('%s needs a password', async (name) => {
    const phone = await connect({ password: 'guess' });
    expect(status(await phone.request({ method: name, uri: 'sip:1001@example.com' }))).toBe(407);
    if (name === 'INVITE') expect(trunk.calls).toHaveLength(0);
  });

  test.each(['BYE', 'INFO', 'UPDATE', 'CANCEL'])('%s outside of a dialog belongs to nothing', async (name) => {
    expect(status(await (await registered()).request({ method: name, uri: 'sip:1001@example.com' }))).toBe(481);
  });

  test("a user cannot call in another one's name", async () => {
    const phone = await registered(mallory);
    const foreign = `INVITE sip:1001@example.com SIP/2.0\r\nVia: SIP/2.0/WS x.invalid;branch=z9hG4bKforeign\r\nMax-Forwards: 70\r\n${[
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:1001@example.com>',
      'Call-ID: foreign',
      'CSeq: 1 INVITE',
      'Contact: <sip:x@x.invalid;transport=ws>',
      'Content-Length: 0',
    ].join('\r\n')}\r\n\r\n`;
    phone.send(foreign);
    const answer = await until('an answer', () =>
      phone.received.find((message) => header(message, 'Call-ID') === 'foreign' && status(message) > 100),
    );
    expect(status(answer)).toBe(407);
    expect(trunk.calls).toHaveLength(0);
  });

  test('what a browser says about its identity does not reach the trunk', async () => {
    const phone = await registered();
    const claims: Fields = [
      ['P-Asserted-Identity', '<sip:+15559999@example.com>'],
      ['P-Preferred-Identity', '<sip:+15559999@example.com>'],
      ['Remote-Party-ID', '<sip:+15559999@example.com>;screen=yes'],
      ['Diversion', '<sip:+15559999@example.com>'],
      ['Privacy', 'none'],
      ['X-Secret', 'from the page'],
    ];
    const call = await phone.call('1001', claims);
    const far = await trunk.nextCall();
    expect(header(far.invite, 'From')).toMatch(/^<sip:\+15550100@/);
    expect(far.invite.raw.toString('latin1')).not.toMatch(/15559999|X-Secret|Privacy/);
    call.cancel();
    await call.responded(487);
  });

  test('a dialog takes requests over its own connection only', async () => {
    trunk.onCall = (incoming) => incoming.answer();
    const [alice, other] = [await registered(), await registered(mallory)];
    const call = await alice.call('1001');
    const far = await trunk.nextCall();
    await call.established();
    const answer = await call.responded(200);
    for (const name of ['BYE', 'INVITE', 'UPDATE', 'INFO']) {
      expect([name, status(await within(other, answer, name))]).toEqual([name, 403]);
    }
    const guessed = { ...answer, headers: answer.headers.map(([key, value]) => [key, key === 'To' ? `${value}x` : value] as const) };
    expect(status(await within(other, guessed, 'BYE'))).toBe(481);
    expect(await gateway.get('/api/v1/calls')).toMatchObject({ calls: [{ state: 'answered' }] });
    expect(far.received.map(method)).toEqual(['INVITE', 'ACK']);
    expect(status(await call.bye())).toBe(200);
    await far.requested('BYE');
  });

  test('a CANCEL over another connection cancels nothing', async () => {
    trunk.onCall = (incoming) => incoming.ring();
    const [alice, other] = [await registered(), await registered(mallory)];
    const call = await alice.call('1001');
    const far = await trunk.nextCall();
    await call.responded(180);
    const invite = await call.responded(180);
    const known = other.received.length;
    const fields = ['Via', 'From', 'Call-ID'].map((name) => `${name}: ${header(invite, name)}`);
    const to = header(invite, 'To').replace(/;tag=.*/, '');
    const sequence = `CSeq: ${header(invite, 'CSeq').replace('INVITE', 'CANCEL')}`;
    other.send(
      `CANCEL sip:1001@example.com SIP/2.0\r\n${[...fields, `To: ${to}`, sequence, 'Max-Forwards: 70'].join('\r\n')}\r\nContent-Length: 0\r\n\r\n`,
    );
    await until('an answer', () => other.received.length > known);
    await pause(200);
    expect(far.received.map(method)).not.toContain('CANCEL');
    expect(status(other.received.at(-1) as PlainMessage)).toBeGreaterThanOrEqual(400);
    call.cancel();
    await far.requested('CANCEL');
  });

  test.each([401, 407])('a %i of a foreign realm gets no password', async (code) => {
    const field = code === 401 ? 'WWW-Authenticate' : 'Proxy-Authenticate';
    trunk.onCall = (incoming) =>
      incoming.respond(incoming.invite, code, 'Say who', [[field, 'Digest realm="evil.example", nonce="1", algorithm=MD5']]);
    const known = trunk.calls.length;
    const call = await (await registered()).call('1001');
    expect(header(await call.responded(403), 'Reason')).toContain(`SIP;cause=${code}`);
    await pause(300);
    expect(trunk.calls).toHaveLength(known + 1);
    const { received } = await trunk.nextCall();
    expect(received.map(method)).toEqual(['INVITE', 'ACK']);
    expect(received.flatMap((message) => [...headers(message, 'Authorization'), ...headers(message, 'Proxy-Authorization')])).toEqual([]);
    expect(callEnds(gateway).at(-1)).toMatchObject({ cause: 'forbidden', side: 'trunk', sipStatus: code });
  });
});

/** A request that pretends to be of the dialog that an answer made. */
async function within(phone: WebSocketPhone, answer: PlainMessage, name: string): Promise<PlainMessage> {
  const branch = `z9hG4bK${Math.random().toString(36).slice(2)}`;
  const target = /<([^>]+)>/.exec(header(answer, 'Contact'))?.[1];
  const lines = [
    `${name} ${target} SIP/2.0`,
    `Via: SIP/2.0/WS y.invalid;branch=${branch}`,
    'Max-Forwards: 70',
    `From: ${header(answer, 'From')}`,
    `To: ${header(answer, 'To')}`,
    `Call-ID: ${header(answer, 'Call-ID')}`,
    `CSeq: 99 ${name}`,
    'Contact: <sip:y@y.invalid;transport=ws>',
    'Content-Length: 0',
    '\r\n',
  ];
  phone.send(lines.join('\r\n'));
  const isAnswer = (message: PlainMessage): boolean => status(message) >= 200 && header(message, 'Via').includes(branch);
  return until(`an answer to ${name}`, () => phone.received.find(isAnswer));
}
