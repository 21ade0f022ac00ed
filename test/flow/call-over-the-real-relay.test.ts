/** Calls over the local relay with real sockets: what it allocates stands in the descriptions, and comes back when calls end. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { attributeOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import { localRelay } from '../support/media-call.ts';
import type { PhoneCall } from '../support/stage-call.ts';

const pairs = 16;
const firstPort = 20_000 + (process.pid % 200) * 50;
let media: MediaRelay;

beforeAll(async () => {
  media = await localRelay({ trunk: { bind: '127.0.0.1', advertise: null, ports: [firstPort, firstPort + 2 * pairs - 1] } });
});

afterAll(() => media.close());

function portOf(sdp: string): number {
  return Number(/^m=audio (\d+)/m.exec(sdp)?.[1]);
}

test('an outbound call', async () => {
  const stage = await CallStage.open({ media });
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.until('the INVITE', () => stage.carrier.calls.length > 0);
  const trunk = stage.carrier.lastCall;
  expect(portOf(trunk.sdp) % 2).toBe(0);
  expect(portOf(trunk.sdp)).toBeGreaterThanOrEqual(firstPort);
  trunk.answer();
  await stage.advance(100);
  expect(attributeOf(call.sdp, 'candidate')).toMatch(/127\.0\.0\.1 \d+ typ host/);
  call.hangUp();
  await stage.until('the record', () => stage.records.length > 0);
  expect(stage.record.quality.map(({ side }) => side)).toEqual(['browser', 'trunk']);
});

test('an ICE restart', async () => {
  const stage = await CallStage.open({ media });
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.until('the INVITE', () => stage.carrier.calls.length > 0);
  stage.carrier.lastCall.answer();
  await stage.advance(100);
  const before = attributeOf(call.sdp, 'ice-ufrag');
  (call.audio as ReturnType<typeof alice.newAudio>).restartIce();
  call.session.reinvite(call.audio.offer());
  await stage.until('the answer', () => call.log.includes('answer sendrecv'));
  expect(attributeOf(call.sdp, 'ice-ufrag')).not.toBe(before);
});

test('a call that is given up while it is prepared', async () => {
  const stage = await CallStage.open({ media });
  const alice = await stage.browser('alice');
  for (let count = 0; count < 2 * pairs; count += 1) {
    const call = alice.call('+15550123');
    await stage.advance(11);
    call.session.cancel();
    await stage.until('the end', () => call.log.includes('487'));
  }
  expect(stage.carrier.calls.every(({ log }) => log.includes('cancelled'))).toBe(true);
});

test('sixteen calls at once, set up and torn down in any order by both sides, twice over', async () => {
  const stage = await CallStage.open({ media, limits: { callsPerUser: 100, callsPerAddress: 100 } });
  const random = seededRandom(16);
  const phones = [await stage.browser('alice'), await stage.browser('bob'), await stage.browser('carol')];
  for (let round = 1; round <= 2; round += 1) {
    const ends: PhoneCall[] = [];
    for (let count = 0; count < pairs; count += 1) {
      const phone = phones[count % phones.length];
      if (!phone) continue;
      if (count % 2 === 0) {
        const asked = stage.carrier.calls.length;
        const browser = phone.call(`+1555${1000 + count}`);
        await stage.until('the carrier to ring', () => stage.carrier.calls.length > asked);
        stage.carrier.lastCall.answer();
        ends.push(random.uint32() % 2 === 0 ? browser : stage.carrier.lastCall);
      } else {
        const rung = phone.calls.length;
        const trunk = stage.carrier.call(phone.user);
        await stage.until('the browser to ring', () => phone.calls.length > rung);
        phone.lastCall.answer();
        ends.push(random.uint32() % 2 === 0 ? trunk : phone.lastCall);
      }
    }
    await stage.advance(200);
    expect(stage.switchboard.size).toBe(pairs);
    // One more finds no port.
    const surplus = phones[0]?.call('+15559999');
    await stage.until('the refusal', () => surplus?.log.includes('503') ?? false);
    while (ends.length > 0) {
      ends.splice(random.uint32() % ends.length, 1)[0]?.hangUp();
      await stage.advance(random.uint32() % 30);
    }
    await stage.until('the last to end', () => stage.switchboard.size === 0);
  }
  expect(stage.records.filter(({ end }) => end.cause === 'hung-up')).toHaveLength(2 * pairs);
});

test('a relay that closes ends its calls', async () => {
  const own = await localRelay({ trunk: { bind: '127.0.0.1', advertise: null, ports: [firstPort + 40, firstPort + 43] } });
  const stage = await CallStage.open({ media: own });
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.until('the INVITE', () => stage.carrier.calls.length > 0);
  stage.carrier.lastCall.answer();
  await stage.advance(100);
  await own.close();
  await stage.advance(100);
  expect([call.log.at(-1), stage.carrier.lastCall.log.at(-1)]).toEqual(['ended remote', 'ended remote']);
  const next = alice.call('+15550124');
  await stage.advance(100);
  expect(next.log).toEqual(['500']);
});
