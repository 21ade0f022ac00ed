import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { MemoryLocationStore } from '../../../src/location/memory.ts';
import { type AuthenticationFailure, Authenticator, type AuthenticatorOptions } from '../../../src/registrar/authenticator.ts';
import type { Flow } from '../../../src/sip/message/flow.ts';
import { SipError } from '../../../src/sip/message/sip-error.ts';
import { credentialsOf } from '../../support/credentials.ts';
import { type Answering, answering, browserRequest, challengesOf, connection, type RequestParts } from './browser.ts';

const accepted = { outcome: 'accept', identity: { kind: 'user', user: 'alice' } };

function setUp(options: Partial<AuthenticatorOptions> = {}) {
  const location = new MemoryLocationStore();
  const failures: AuthenticationFailure[] = [];
  const authenticator = new Authenticator(
    {
      domain: 'example.com',
      credentials: credentialsOf('example.com', { alice: 'secret', bob: 'geheim' }),
      algorithms: ['MD5', 'SHA-256'],
      nonceTtlMs: 300_000,
      attempts: { maxFailures: 3, windowMs: 60_000, maxPairs: 100 },
      location,
      random: seededRandom(1),
      ...options,
    },
    { authenticationFailed: (failure) => failures.push(failure) },
  );
  /** Asks, answers the challenge at `index`, and returns what comes of it. */
  const exchange = (flow: Flow, parts: RequestParts = {}, how: Answering & { index?: number; now?: number } = {}) => {
    const challenge = challengesOf(authenticator.authenticate(browserRequest(parts), flow, 0))[how.index ?? 0];
    if (!challenge) throw new Error('no challenge');
    return authenticator.authenticate(answering(browserRequest(parts), challenge, how), flow, how.now ?? 0);
  };
  return { authenticator, location, failures, exchange };
}

describe('challenges', () => {
  test('REGISTER gets 401, each algorithm in a field of its own, in the order configured', () => {
    const answer = setUp().authenticator.authenticate(browserRequest(), connection('1'), 0);
    expect(answer).toMatchObject({ outcome: 'respond', status: 401 });
    expect(answer.outcome === 'respond' && answer.headers.map(([name]) => name)).toEqual(['WWW-Authenticate', 'WWW-Authenticate']);
    expect(challengesOf(answer)).toMatchObject([
      { realm: 'example.com', algorithm: 'MD5', qop: ['auth'], stale: false },
      { realm: 'example.com', algorithm: 'SHA-256', qop: ['auth'], stale: false },
    ]);
  });

  test.each(['INVITE', 'OPTIONS', 'MESSAGE', 'SUBSCRIBE', 'REFER', 'PUBLISH'])('%s gets 407', (method) => {
    const answer = setUp().authenticator.authenticate(browserRequest({ method }), connection('1'), 0);
    expect(answer).toMatchObject({
      outcome: 'respond',
      status: 407,
      headers: [['Proxy-Authenticate', expect.any(String)], expect.anything()],
    });
  });

  test('algorithms as configured', () => {
    const { authenticator } = setUp({ algorithms: ['SHA-512-256'] });
    expect(challengesOf(authenticator.authenticate(browserRequest(), connection('1'), 0))).toMatchObject([{ algorithm: 'SHA-512-256' }]);
  });

  test.each([
    ['another scheme', 'NoOneKnowsThisScheme opaque-data=here'],
    ['another realm', 'Digest username="alice", realm="elsewhere", nonce="n", uri="sip:example.com", response="x"'],
    ['an algorithm not offered', 'Digest username="alice", realm="example.com", nonce="n", uri="u", response="x", algorithm=SHA-512-256'],
  ])('credentials of %s are as good as none', (_what, value) => {
    const { authenticator, failures } = setUp();
    const answer = authenticator.authenticate(browserRequest({ headers: [['Authorization', value]] }), connection('1'), 0);
    expect([answer.outcome, failures]).toEqual(['respond', []]);
    expect(challengesOf(answer)[0]?.stale).toBe(false);
  });

  test('malformed credentials are a bad request', () => {
    const request = browserRequest({ headers: [['Authorization', 'Digest username="alice']] });
    expect(() => setUp().authenticator.authenticate(request, connection('1'), 0)).toThrow(SipError);
  });
});

describe('the right password', () => {
  test.each([0, 1])('answers challenge %i', (index) => {
    expect(setUp().exchange(connection('1'), {}, { index })).toEqual(accepted);
  });

  test('the Request-URI may be written otherwise', () => {
    expect(setUp().exchange(connection('1'), { uri: 'sip:example.com;x=1' }, { uri: 'sip:EXAMPLE.com' })).toEqual(accepted);
  });

  test('for another Request-URI is refused', () => {
    const { exchange, failures } = setUp();
    const answer = exchange(connection('1'), { method: 'INVITE', uri: 'sip:+882@example.com' }, { uri: 'sip:+1555@example.com' });
    expect([answer, failures]).toMatchObject([{ status: 400 }, [{ reason: 'wrong-uri' }]]);
  });

  test.each(['<sip:bob@example.com>;tag=a', '<sip:alice@evil.example>;tag=a', '<tel:+1555>;tag=a', '<sip:example.com>;tag=a'])(
    'of another than From names is refused: %s',
    (from) => {
      const { exchange, failures } = setUp();
      expect([exchange(connection('1'), { from }), failures]).toMatchObject([
        { status: 403 },
        [{ user: 'alice', reason: 'wrong-identity' }],
      ]);
    },
  );

  test('a nonce may be used again with a higher count; a repeated count is stale', () => {
    const { authenticator } = setUp();
    const flow = connection('1');
    const challenge = challengesOf(authenticator.authenticate(browserRequest(), flow, 0))[0];
    if (!challenge) throw new Error('no challenge');
    const use = (nc: number, now: number) => authenticator.authenticate(answering(browserRequest(), challenge, { nc }), flow, now);
    expect([use(1, 0), use(2, 299_000)]).toEqual([accepted, accepted]);
    expect(challengesOf(use(2, 299_000))[0]?.stale).toBe(true);
    expect(challengesOf(use(3, 300_000))[0]?.stale).toBe(true);
  });

  test('a nonce of another connection is stale', () => {
    const { authenticator } = setUp();
    const challenge = challengesOf(authenticator.authenticate(browserRequest(), connection('1'), 0))[0];
    if (!challenge) throw new Error('no challenge');
    const answer = authenticator.authenticate(answering(browserRequest(), challenge), connection('2'), 0);
    expect(challengesOf(answer)[0]?.stale).toBe(true);
  });

  test('without qop it is refused, since it could be repeated', () => {
    const { authenticator } = setUp();
    const challenge = challengesOf(authenticator.authenticate(browserRequest(), connection('1'), 0))[0];
    if (!challenge) throw new Error('no challenge');
    const answer = authenticator.authenticate(answering(browserRequest(), { ...challenge, qop: [] }), connection('1'), 0);
    expect(challengesOf(answer)[0]?.stale).toBe(false);
  });
});

describe('the wrong password', () => {
  test('is challenged anew, not stale, and reported', () => {
    const { exchange, failures } = setUp();
    const answer = exchange(connection('1'), {}, { password: 'wrong' });
    expect(answer).toMatchObject({ status: 401 });
    expect(challengesOf(answer)[0]?.stale).toBe(false);
    expect(failures).toEqual([{ user: 'alice', remote: { host: '192.0.2.1', port: 4000 }, reason: 'wrong-password' }]);
  });

  test('is reported with as much of a name as users may have', () => {
    const { exchange, failures } = setUp();
    exchange(connection('1'), {}, { username: 'n'.repeat(60_000), password: 'wrong' });
    expect(failures).toMatchObject([{ user: 'n'.repeat(64) }]);
  });

  test('and an unknown user look the same', () => {
    const shape = (username: string) => {
      const answer = setUp().exchange(connection('1'), {}, { username, password: 'wrong' });
      return answer.outcome === 'respond' && [answer.status, answer.headers.map(([name, value]) => [name, value.length])];
    };
    expect(shape('nobody')).toEqual(shape('alice'));
    expect(shape('__proto__')).toEqual(shape('alice'));
  });

  test('an expired nonce does not tell the guesser that he is wrong only about the nonce', () => {
    const answer = setUp().exchange(connection('1'), {}, { password: 'wrong', now: 400_000 });
    expect(challengesOf(answer)[0]?.stale).toBe(false);
  });

  test('too often locks the pair of address and name for a while, known or not, also for the right password', () => {
    for (const username of ['alice', 'nobody']) {
      const { exchange } = setUp();
      const flow = connection('1');
      for (let count = 0; count < 3; count++) exchange(flow, {}, { username, password: 'wrong' });
      expect(exchange(flow, {}, { username })).toEqual({ outcome: 'respond', status: 403, headers: [['Retry-After', '60']] });
      expect(exchange(connection('2', '192.0.2.2'), {}, { username: 'alice' })).toEqual(accepted);
      expect(exchange(flow, { user: 'bob' }, { username: 'bob', password: 'geheim' })).toMatchObject({ outcome: 'accept' });
    }
  });
});

describe('a live registration on the connection', () => {
  const registered = (user: string, flowId: string) => ({
    user,
    key: 'k',
    contactUri: 'sip:x@x.invalid',
    flowId,
    remote: { host: '192.0.2.1', port: 4000 },
    instanceId: null,
    regId: null,
    path: [],
    expiresAt: 1000,
    userAgent: null,
    callId: 'c',
    cseq: 1,
    gruu: null,
  });

  test('stands for the user', () => {
    const { authenticator, location } = setUp();
    location.save(registered('alice', '1'));
    expect(authenticator.authenticate(browserRequest({ method: 'INVITE' }), connection('1'), 999)).toEqual(accepted);
  });

  test.each([
    ['of another user', 'bob', '1', 0],
    ['on another connection', 'alice', '2', 0],
    ['that is over', 'alice', '1', 1000],
  ])('one %s does not', (_what, user, flowId, now) => {
    const { authenticator, location } = setUp();
    location.save(registered(user, flowId));
    expect(authenticator.authenticate(browserRequest({ method: 'INVITE' }), connection('1'), now)).toMatchObject({ status: 407 });
  });

  test('does not stand for a REGISTER', () => {
    const { authenticator, location } = setUp();
    location.save(registered('alice', '1'));
    expect(authenticator.authenticate(browserRequest(), connection('1'), 0)).toMatchObject({ status: 401 });
  });
});
