import { describe, expect, test } from 'vitest';
import { betterRefusal, endOfCancel, endOfFailure, endOfSession, isGlobal, reasonFor, statusFor } from '../../../src/call/ending.ts';
import { type CallEnd, callEndCauses } from '../../../src/events/call-end.ts';
import { Headers } from '../../../src/sip/message/headers.ts';
import type { SipResponse } from '../../../src/sip/message/message.ts';
import { parseReasons } from '../../../src/sip/message/reason.ts';

function response(status: number, reason = 'Phrase', reasons: readonly string[] = []): SipResponse {
  const headers = new Headers(reasons.map((value) => ['Reason', value] as const));
  return { kind: 'response', status, reason, headers, body: new Uint8Array() };
}

test('of what a peer says, a line is kept', () => {
  const long = 'x'.repeat(60_000);
  const ends = [
    endOfFailure(response(500, long), 'trunk'),
    endOfCancel(`SIP;cause=200;text="${long}"`, 'browser'),
    endOfSession({ by: 'remote', reason: `Q.850;cause=16;text="${long}"` }, 'trunk'),
  ];
  for (const { detail = '' } of ends) {
    expect(detail.length).toBeLessThanOrEqual(200);
    expect(long.startsWith(detail)).toBe(true);
    expect(detail).not.toBe('');
  }
});

describe('a failure', () => {
  test.each([
    [400, 'bad-request'],
    [401, 'forbidden'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [407, 'forbidden'],
    [408, 'no-answer'],
    [410, 'not-found'],
    [415, 'unsupported-media'],
    [480, 'unavailable'],
    [484, 'not-found'],
    [486, 'busy'],
    [487, 'cancelled'],
    [488, 'unsupported-media'],
    [503, 'unavailable'],
    [600, 'busy'],
    [603, 'declined'],
    [604, 'not-found'],
    [606, 'unsupported-media'],
    [302, 'rejected'],
    [482, 'rejected'],
    [500, 'rejected'],
    [607, 'rejected'],
  ])('%i means %s', (status, cause) => {
    expect(endOfFailure(response(status), 'trunk')).toEqual({ cause, side: 'trunk', sipStatus: status, detail: 'Phrase' });
  });

  test('without an answer', () => {
    expect(endOfFailure('timeout', 'trunk')).toEqual({ cause: 'transport', side: 'trunk', sipStatus: 408, detail: 'no response' });
    expect(endOfFailure('transport', 'browser')).toEqual({ cause: 'transport', side: 'browser', sipStatus: 503, detail: 'not reachable' });
  });

  test('with the Q.850 cause of the network behind it', () => {
    expect(endOfFailure(response(503, '', ['Q.850;cause=34;text="No circuit"']), 'trunk')).toEqual({
      cause: 'unavailable',
      side: 'trunk',
      sipStatus: 503,
      q850: 34,
    });
  });
});

describe('the end of a session', () => {
  test.each([
    ['remote', 'hung-up', 'trunk'],
    ['timer', 'session-expired', 'trunk'],
    ['ack-timeout', 'ack-missing', 'trunk'],
    ['transport', 'transport', 'trunk'],
    ['local', 'shutdown', 'gateway'],
  ] as const)('by %s means %s', (by, cause, side) => {
    expect(endOfSession({ by, reason: null }, 'trunk')).toEqual({ cause, side });
  });

  test('with what the peer said about it', () => {
    const end = endOfSession({ by: 'remote', reason: 'Q.850;cause=16;text="Normal"', status: 481 }, 'browser');
    expect(end).toEqual({ cause: 'hung-up', side: 'browser', sipStatus: 481, q850: 16, detail: 'Normal' });
  });

  test('with nonsense about it', () => {
    expect(endOfSession({ by: 'remote', reason: '"; cause=' }, 'browser')).toEqual({ cause: 'hung-up', side: 'browser' });
  });
});

describe('a CANCEL', () => {
  test('without a reason', () => {
    expect(endOfCancel(null, 'browser')).toEqual({ cause: 'cancelled', side: 'browser' });
  });

  test('because somebody else has answered', () => {
    const end = endOfCancel('SIP;cause=200;text="Call completed elsewhere"', 'trunk');
    expect(reasonFor(end)).toBe('SIP;cause=200;text="Call completed elsewhere"');
    expect(statusFor(end)).toBe(487);
  });

  test('with a Q.850 cause', () => {
    expect(reasonFor(endOfCancel('Q.850;cause=102', 'trunk'))).toBe('Q.850;cause=102;text="Caller gave up"');
  });
});

describe('what a waiting caller is told', () => {
  test.each([401, 405, 407, 413, 415, 416, 420, 421, 422, 481, 491, 301, 302])('%i is between us and the far side', (status) => {
    const told = statusFor(endOfFailure(response(status), 'trunk'));
    expect([403, 488, 500]).toContain(told);
  });

  test.each([400, 403, 404, 408, 410, 480, 482, 483, 484, 486, 487, 488, 500, 502, 503, 504, 600, 603, 604, 606, 607])(
    '%i is kept',
    (status) => {
      expect(statusFor(endOfFailure(response(status), 'trunk'))).toBe(status);
    },
  );

  test('a trunk never hears that the gateway is overloaded when a browser is away', () => {
    expect(statusFor(endOfFailure('transport', 'browser'))).toBe(480);
    expect(statusFor(endOfFailure('timeout', 'browser'))).toBe(480);
    expect(statusFor(endOfFailure(response(503), 'browser'))).toBe(480);
  });

  test.each(callEndCauses)('%s has a final status and a Reason of its own', (cause) => {
    const end: CallEnd = { cause, side: 'gateway' };
    expect(statusFor(end)).toBeGreaterThanOrEqual(400);
    expect(statusFor(end)).toBeLessThan(700);
    const [reason] = parseReasons([reasonFor(end)]);
    expect(reason).toMatchObject({ protocol: 'Q.850', cause: expect.any(Number), text: expect.any(String) });
    expect(reason?.cause).toBeLessThanOrEqual(127);
  });
});

describe('the Reason header', () => {
  test('names the SIP status, and the Q.850 cause that came with it', () => {
    const end = endOfFailure(response(486, 'Busy Here', ['Q.850;cause=17']), 'trunk');
    expect(reasonFor(end)).toBe('SIP;cause=486;text="Busy Here", Q.850;cause=17');
  });

  test('says what happened in words', () => {
    expect(reasonFor({ cause: 'media-lost', side: 'browser', detail: 'gone' })).toBe('Q.850;cause=41;text="gone"');
  });

  test('never says what went wrong inside', () => {
    expect(reasonFor({ cause: 'error', side: 'gateway', detail: 'x is not a function' })).toBe('Q.850;cause=41;text="Internal error"');
  });

  test.each(['a"b', 'a\\b', 'a\r\nBYE sip:x SIP/2.0', 'a\0b', 'ä'.repeat(500)])('quotes what a peer said: %j', (detail) => {
    const reason = reasonFor({ cause: 'rejected', side: 'trunk', sipStatus: 500, detail });
    expect(reason).toMatch(/^SIP;cause=500;text="[ -~]*"$/);
    expect(parseReasons([reason])).toHaveLength(1);
  });
});

describe('of several refusals', () => {
  const end = (status: number) => endOfFailure(response(status), 'browser');

  test.each([
    [480, 486, 486],
    [486, 480, 486],
    [408, 480, 480],
    [500, 408, 408],
    [488, 486, 486],
    [603, 486, 603],
    [486, 600, 600],
    [604, 486, 604],
    [480, 480, 480],
  ])('of %i and %i the caller hears %i', (first, second, heard) => {
    expect(betterRefusal(end(first), end(second)).sipStatus).toBe(heard);
  });

  test('a 6xx speaks for the user', () => {
    expect([486, 599, 600, 603, 699].filter((status) => isGlobal(end(status)))).toEqual([600, 603, 699]);
  });

  test('a contact without answer says least', () => {
    expect(betterRefusal(endOfFailure('transport', 'browser'), end(480)).sipStatus).toBe(480);
  });
});
