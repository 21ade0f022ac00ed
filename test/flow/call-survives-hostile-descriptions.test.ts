/** Garbage where SDP belongs, in every message that can carry it: answered or ended with a cause, and no other call is touched. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CallStage } from '../support/call-stage.ts';
import { allDescriptions } from '../support/sdp-fixtures.ts';
import type { PhoneCall } from '../support/stage-call.ts';

const hostile: ReadonlyArray<readonly [what: string, sdp: string]> = [
  ['no SDP at all', 'hello'],
  ['no m= line', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n'],
  ['video alone', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=video 5000 RTP/AVP 96\r\n'],
  ['a codec that nobody has', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 5000 RTP/AVP 18\r\n'],
  ['a host name', 'v=0\r\no=- 1 1 IN IP4 x\r\ns=-\r\nc=IN IP4 evil.example\r\nt=0 0\r\nm=audio 5000 RTP/AVP 0\r\n'],
  ['a thousand m= lines', `v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n${'m=audio 5000 RTP/AVP 0\r\n'.repeat(1000)}`],
  ['a port beyond 65535', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 99999 RTP/AVP 0\r\n'],
  ['prototype names', 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\na=__proto__:x\r\nm=__proto__ 1 RTP/AVP 0\r\n'],
];

/** Another call that must not notice. */
async function withBystander() {
  const stage = await CallStage.open();
  const bob = await stage.browser('bob');
  const bystander = await stage.outbound(bob, '+15559999');
  const alice = await stage.browser('alice');
  const isUntouched = () => expect([bystander.browser.log, bystander.trunk.log, stage.errors]).toEqual([[], [], []]);
  return { stage, alice, isUntouched };
}

describe.each(hostile)('%s', (_what, sdp) => {
  test('in an INVITE of either side', async () => {
    const { stage, alice, isUntouched } = await withBystander();
    const outbound = alice.call('+15550123', { body: sdp });
    const inbound = stage.carrier.call('alice', { body: sdp });
    await stage.advance(500);
    expect([outbound.log, inbound.log].flat().every((status) => ['400', '488'].includes(status))).toBe(true);
    isUntouched();
  });

  test('in the answer of either side', async () => {
    const { stage, alice, isUntouched } = await withBystander();
    const outbound = alice.call('+15550123');
    const inbound = stage.carrier.call('alice');
    await stage.advance(100);
    stage.carrier.lastCall.session.progress(183, { body: sdp });
    stage.carrier.lastCall.answer(sdp);
    alice.lastCall.answer(sdp);
    await stage.advance(500);
    expect([outbound.log.at(-1), inbound.log.at(-1)].every((status) => ['400', '488'].includes(status ?? ''))).toBe(true);
    expect([stage.carrier.lastCall.log, alice.lastCall.log]).toEqual([
      ['ack', 'ended remote'],
      ['ack', 'ended remote'],
    ]);
    isUntouched();
  });

  test.each(['browser', 'trunk'] as const)('in a re-INVITE of the %s: refused, and the call goes on', async (side) => {
    const { stage, alice, isUntouched } = await withBystander();
    const call = await stage.outbound(alice);
    const before = [stage.relay.last.browser.remotes.length, stage.relay.last.trunk.remotes.length];
    call[side].session.reinvite(sdp);
    await stage.advance(500);
    expect(call[side].log[0]).toMatch(/^refused 4(00|88)$/);
    expect([stage.relay.last.browser.remotes.length, stage.relay.last.trunk.remotes.length]).toEqual(before);
    call.browser.hold();
    await stage.advance(500);
    expect(call.trunk.log).toContain('offer sendonly');
    isUntouched();
  });

  test.each(['browser', 'trunk'] as const)('in an UPDATE of the %s: refused, and the call goes on', async (side) => {
    const { stage, alice, isUntouched } = await withBystander();
    const call = await stage.outbound(alice);
    call[side].session.update(sdp);
    await stage.advance(500);
    expect(call[side].log[0]).toMatch(/^refused 4(00|88)$/);
    expect(stage.switchboard.size).toBe(2);
    isUntouched();
  });

  test.each(['browser', 'trunk'] as const)('in the answer of the %s to our re-INVITE: the call is ended on both sides', async (side) => {
    const { stage, alice, isUntouched } = await withBystander();
    const call = await stage.outbound(alice);
    const other: PhoneCall = call[side === 'browser' ? 'trunk' : 'browser'];
    call[side].replyTo = () => sdp;
    other.hold();
    await stage.advance(500);
    expect([call.browser.log.at(-1), call.trunk.log.at(-1)]).toEqual(['ended remote', 'ended remote']);
    expect(stage.record.end).toMatchObject({ cause: 'unsupported-media', side });
    isUntouched();
  });
});

test('real descriptions of all sorts, offered to whom they do not suit, end in an answer or a refusal', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  for (const { name, sdp } of allDescriptions()) {
    const outbound = alice.call('+15550123', { body: sdp });
    const inbound = stage.carrier.call('alice', { body: sdp });
    await stage.advance(50);
    for (const { session } of [...stage.carrier.calls.splice(0), ...alice.calls.splice(0)]) session.reject(486);
    await stage.advance(50);
    expect([outbound.log, inbound.log].flat(), name).toHaveLength(2);
  }
});

test('a description with any bytes changed breaks nothing', async () => {
  const bytes = fc.array(fc.tuple(fc.nat(1600), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.boolean(), async (changes, fromBrowser) => {
      const stage = await CallStage.open();
      const alice = await stage.browser('alice');
      const { browser, trunk } = await stage.outbound(alice);
      const speaker = fromBrowser ? browser : trunk;
      const mangled = Buffer.from(speaker.audio.offer());
      for (const [at, byte] of changes) mangled[at % mangled.length] = byte;
      speaker.session.reinvite(mangled.toString('latin1'));
      await stage.advance(500);
      expect(stage.errors).toEqual([]);
      expect(stage.switchboard.size).toBe(1);
    }),
    { numRuns: 40 },
  );
}, 120_000);
