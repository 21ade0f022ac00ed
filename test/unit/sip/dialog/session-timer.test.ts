import { describe, expect, test } from 'vitest';
import { SessionTimer } from '../../../../src/sip/dialog/session-timer.ts';
import { createRequest, createResponse } from '../../../../src/sip/message/build.ts';
import type { SipRequest, SipResponse } from '../../../../src/sip/message/message.ts';

function timer(proposalSec: number | null = null) {
  const events: string[] = [];
  const engine = new SessionTimer(
    { proposalSec, minSec: 90 },
    { refreshDue: (now) => events.push(`refresh ${now}`), expired: (now) => events.push(`expired ${now}`) },
  );
  const run = (now: number): string[] => {
    while (engine.deadline <= now) engine.expire(engine.deadline);
    return events;
  };
  return { engine, run };
}

function invite(headers: Readonly<Record<string, string>> = {}): SipRequest {
  return createRequest('INVITE', 'sip:a@b', Object.entries(headers));
}

function ok(headers: Readonly<Record<string, string>> = {}): SipResponse {
  return createResponse(invite(), 200, undefined, Object.entries(headers));
}

const timed = { Supported: 'timer' };

describe('as called side (RFC 4028 section 9)', () => {
  test.each([
    ['nobody asks', null, {}, []],
    ['we ask, and the peer cannot', 1800, {}, [['Session-Expires', '1800;refresher=uas']]],
    ['we ask, and the peer can', 1800, timed, [['Session-Expires', '1800;refresher=uas']]],
    ['we ask, and the peer has a minimum', 100, { ...timed, 'Min-SE': '600' }, [['Session-Expires', '600;refresher=uas']]],
    [
      'the peer asks and does not say who',
      null,
      { ...timed, 'Session-Expires': '90' },
      [
        ['Session-Expires', '90;refresher=uac'],
        ['Require', 'timer'],
      ],
    ],
    ['the peer asks us', null, { ...timed, 'Session-Expires': '120;refresher=uas' }, [['Session-Expires', '120;refresher=uas']]],
    ['one asks who cannot refresh', null, { 'Session-Expires': '120' }, [['Session-Expires', '120;refresher=uas']]],
    ['one asks too little who cannot be refused', null, { 'Session-Expires': '10' }, [['Session-Expires', '90;refresher=uas']]],
    [
      'the compact form asks',
      null,
      { k: 'timer', x: '90;refresher=UAC' },
      [
        ['Session-Expires', '90;refresher=uac'],
        ['Require', 'timer'],
      ],
    ],
  ])('%s', (_name, proposalSec, headers, expected) => {
    const { engine } = timer(proposalSec);
    engine.check(invite(headers));
    expect(engine.answer(invite(headers), 0)).toEqual(expected);
  });

  test.each(['10', '89;refresher=uac', '0'])('an interval of %s is refused', (interval) => {
    const { engine } = timer();
    expect(() => engine.check(invite({ ...timed, 'Session-Expires': interval }))).toThrow(
      expect.objectContaining({ status: 422, headers: [['Min-SE', '90']] }),
    );
  });

  test.each(['', 'x', '-1', ';refresher=uac'])('an interval of "%s" is malformed', (interval) => {
    const { engine } = timer();
    expect(() => engine.check(invite({ 'Session-Expires': interval }))).toThrow(expect.objectContaining({ status: 400 }));
  });

  test('a refresh that does not mention the timer keeps it running', () => {
    const { engine, run } = timer();
    engine.answer(invite({ ...timed, 'Session-Expires': '90;refresher=uac' }), 0);
    expect(engine.answer(invite(timed), 50_000)).toEqual([
      ['Session-Expires', '90;refresher=uac'],
      ['Require', 'timer'],
    ]);
    expect(run(109_999)).toEqual([]);
    expect(run(110_000)).toEqual(['expired 110000']);
  });
});

describe('as calling side (section 7)', () => {
  test('the first request leaves the refresher open, a refresh keeps it', () => {
    const { engine } = timer(1800);
    expect(engine.offer()).toEqual([['Session-Expires', '1800']]);
    engine.confirmed(ok({ 'Session-Expires': '600;refresher=uas' }), 0);
    expect(engine.offer()).toEqual([['Session-Expires', '600;refresher=uas']]);
    engine.confirmed(ok({ 'Session-Expires': '600;refresher=uac' }), 0);
    expect(engine.offer()).toEqual([['Session-Expires', '600;refresher=uac']]);
  });

  test('an answer without Session-Expires means that the session does not expire', () => {
    const { engine, run } = timer(90);
    engine.confirmed(ok(), 0);
    expect(run(1e9)).toEqual([]);
  });

  test('an answer with a malformed one means the same', () => {
    const { engine, run } = timer(90);
    engine.confirmed(ok({ 'Session-Expires': 'soon' }), 0);
    expect(run(1e9)).toEqual([]);
  });

  test('an answer that wants a refresh every moment is held to a sane interval', () => {
    const { engine, run } = timer(90);
    engine.confirmed(ok({ 'Session-Expires': '1;refresher=uac' }), 0);
    expect(run(16_000)).toEqual(['refresh 15000']);
  });

  test('422 raises the interval once for each greater minimum', () => {
    const { engine } = timer(90);
    const tooSmall = (minimum: string) => createResponse(invite(), 422, undefined, [['Min-SE', minimum]]);
    expect(engine.raise(tooSmall('600'))).toBe(true);
    expect(engine.offer()).toEqual([
      ['Session-Expires', '600'],
      ['Min-SE', '600'],
    ]);
    for (const minimum of ['600', '90', 'x', '99999999999']) expect(engine.raise(tooSmall(minimum))).toBe(false);
    expect(engine.raise(createResponse(invite(), 422))).toBe(false);
  });

  test('without a wish of our own nothing is asked for', () => {
    expect(timer().engine.offer()).toEqual([]);
  });
});

describe('deadlines (sections 7.2 and 10)', () => {
  test.each([
    [90, 45_000, 60_000],
    [1800, 900_000, 1_768_000],
    [4_294_967_295, 2_147_483_647_500, 4_294_967_263_000],
  ])('of %i seconds', (seconds, refreshMs, expiryMs) => {
    const { engine, run } = timer();
    engine.confirmed(ok({ 'Session-Expires': `${seconds};refresher=uac` }), 0);
    expect(run(Number.MAX_SAFE_INTEGER)).toEqual([`refresh ${refreshMs}`, `expired ${expiryMs}`]);
  });

  test('a timer that was stopped is silent', () => {
    const { engine, run } = timer();
    engine.confirmed(ok({ 'Session-Expires': '90;refresher=uac' }), 0);
    engine.stop();
    expect(run(1e9)).toEqual([]);
  });
});
