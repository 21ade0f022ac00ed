import { describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { MemoryLocationStore } from '../../../src/location/memory.ts';
import { Registrar } from '../../../src/registrar/registrar.ts';
import type { Authentication } from '../../../src/sip/authentication.ts';
import type { Flow } from '../../../src/sip/message/flow.ts';
import { parseMessage } from '../../../src/sip/message/parse.ts';
import { SipError } from '../../../src/sip/message/sip-error.ts';
import { uriUser } from '../../../src/sip/message/uri.ts';
import { UserAgent } from '../../../src/sip/user-agent.ts';
import { rfc4475, rfc5118, type TortureMessage } from '../../support/sip-fixtures.ts';

const messages = [...rfc4475(), ...rfc5118()];

/** Everybody is who To says, of whatever domain it says: what is tested here is not who may register. */
function accept(request: Parameters<UserAgent['receive']>[0]): Authentication {
  const { uri } = request.headers.to;
  return { outcome: 'accept', identity: { kind: 'user', user: typeof uri === 'string' ? uri : uriUser(uri) } };
}

function domainOf(bytes: Uint8Array): string {
  try {
    const { uri } = parseMessage(bytes).headers.to;
    return typeof uri === 'string' ? '' : uri.host;
  } catch {
    return '';
  }
}

/** An answer as text: that to a malformed request may itself lack what every message must have. */
interface Answer {
  readonly status: number;
  readonly contacts: readonly string[];
}

function readAnswer(bytes: Uint8Array): Answer {
  const lines = Buffer.from(bytes).toString().split('\r\n');
  const contacts = lines.filter((line) => line.startsWith('Contact: ')).map((line) => line.slice('Contact: '.length));
  return { status: Number(lines[0]?.split(' ')[1]), contacts };
}

/** The final response that a message gets from the whole of user agent and registrar; undefined for silence. */
function answerTo({ bytes }: TortureMessage): Answer | undefined {
  const sent: Answer[] = [];
  const send = (data: Uint8Array) => sent.push(readAnswer(data));
  const address = { host: '192.0.2.1', port: 5060 };
  const flow: Flow = { id: 'f', transport: 'tcp', reliable: true, local: address, remote: address, closed: false, send, close: () => {} };
  const random = seededRandom(1);
  const agent = new UserAgent(
    {
      random,
      log: silentLog,
      product: 'test/1',
      clock: { now: () => 0 },
      connector: { candidates: async () => [], connect: async () => flow },
    },
    {
      authenticate: accept,
      flow: () => flow,
      flowTo: () => flow,
      advertised: () => ({ ...address, transport: 'tcp' }),
      deadlineMoved: () => {},
    },
  );
  const registrar = new Registrar(
    {
      domain: domainOf(bytes),
      credentials: { ha1: () => null },
      algorithms: ['MD5'],
      nonceTtlMs: 1000,
      attempts: { maxFailures: 10, windowMs: 60_000 },
      minExpiresSec: 1,
      maxExpiresSec: 3600,
      maxContactsPerUser: 9,
      maxContactsPerAddress: 9,
      graceMs: 0,
      location: new MemoryLocationStore(),
      random,
    },
    { registered: () => {}, unregistered: () => {}, authenticationFailed: () => {} },
  );
  agent.handle('REGISTER', (incoming) => registrar.receive(incoming, 0));
  agent.handleInvite((incoming) => incoming.respond(200));
  try {
    agent.receive(parseMessage(bytes), flow, 0);
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    agent.malformed(error, flow, 0);
  }
  return sent.find(({ status }) => status >= 200);
}

function permits(allowed: number | string, answer: Answer | undefined): boolean {
  const status = answer?.status;
  if (allowed === 'drop') return status === undefined;
  if (allowed === '4xx') return status !== undefined && status >= 400 && status < 500;
  if (typeof allowed === 'number') return status === allowed;
  return status === 200;
}

/** Where the answer differs from the column, and why. */
const exceptions = new Map([
  ['regaut01', 'REGISTER is served here: the registrar column counts'],
  ['badinv01', 'its Via cannot be read: there is nobody to answer'],
]);

describe('the endpoint column', () => {
  test.each(messages.filter(({ name, endpoint }) => endpoint && !exceptions.has(name)))('$name gets $endpoint', (torture) => {
    const answer = answerTo(torture);
    expect(
      torture.endpoint?.some((allowed) => permits(allowed, answer)),
      `got ${answer?.status ?? 'nothing'}`,
    ).toBe(true);
  });
});

describe('the registrar column', () => {
  test.each(messages.filter(({ registrar }) => Array.isArray(registrar)))('$name gets $registrar', (torture) => {
    const answer = answerTo(torture);
    const allowed = torture.registrar as ReadonlyArray<number | string>;
    expect(
      allowed.some((each) => permits(each, answer)),
      `got ${answer?.status ?? 'nothing'}`,
    ).toBe(true);
  });

  test.each([
    ['escnull', 2],
    ['dblreq', 1],
    ['ipv6-good', 1],
  ])('%s registers %i', (name, contacts) => {
    const answer = answerTo(messages.find((torture) => torture.name === name) as TortureMessage);
    expect([answer?.status, answer?.contacts.length]).toEqual([200, contacts]);
  });

  test('cparam01 and cparam02: the parameter stays where it was', () => {
    const contactOf = (name: string) => answerTo(messages.find((torture) => torture.name === name) as TortureMessage)?.contacts[0];
    expect(contactOf('cparam01')).toMatch(/^<sip:[^;>]*>/);
    expect(contactOf('cparam02')).toMatch(/^<sip:[^>]*;unknownparam>/);
    expect(contactOf('regescrt')).toMatch(/^<[^>]*\?Route=%3Csip:sip\.example\.com%3E>/);
  });
});
