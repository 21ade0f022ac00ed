import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { configureTrunk, connectCall, localRelay, type MediaCall, SessionRecord } from '../support/media-call.ts';
import { RtpSource } from '../support/rtp-peer.ts';
import { until } from '../support/until.ts';

const calls = 16;

function resources(): Record<string, number> {
  const counted: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counted[kind] = (counted[kind] ?? 0) + 1;
  return { sockets: counted['UDPWRAP'] ?? 0, immediates: counted['Immediate'] ?? 0 };
}

/** Every pair of the range can be had, one after the other. */
async function usablePairs(relay: MediaRelay): Promise<number> {
  const record = new SessionRecord();
  const session = await relay.openSession(record);
  let pairs = 0;
  while (await session.addTrunkLeg().catch(() => null)) pairs++;
  session.close();
  await until('the end of the session', () => record.last);
  return pairs;
}

test('sixteen sessions at once, ended in random order, leave no socket, timer or port behind', async () => {
  const random = seededRandom(16);
  const before = resources();
  const relay = await localRelay({ trunk: { bind: '127.0.0.1', advertise: null, ports: [48000, 48000 + 2 * calls + 1] } });
  const pairs = await usablePairs(relay);
  const idle = resources();
  const open = await Promise.all(Array.from({ length: calls }, () => connectCall(relay)));
  for (const call of open) {
    call.browser.sendRtp(new RtpSource().next());
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    call.session.sendDigit(call.trunkLeg.leg, '1', 400);
  }
  const talks = ({ browser, trunk }: MediaCall): boolean => browser.packets.length > 0 && trunk.packets.length > 0;
  await until('media on all of them', () => open.every(talks));
  while (open.length > 0) {
    const [call] = open.splice(random.uint32() % open.length, 1);
    if (call && random.uint32() % 2) configureTrunk(call, { direction: 'inactive' });
    await call?.end();
    expect(call?.record.last?.reason).toBe('closed');
  }
  expect(resources()).toEqual(idle);
  expect(await usablePairs(relay)).toBe(pairs);
  await relay.close();
  expect(resources()).toEqual(before);
});

test('closing the relay ends what is open', async () => {
  const before = resources();
  const relay = await localRelay();
  const call = await connectCall(relay);
  await relay.close();
  expect(call.session.quality).toHaveLength(2);
  call.browser.close();
  call.trunk.close();
  await relay.close();
  await expect(relay.openSession(new SessionRecord())).rejects.toThrow('not running');
  expect(resources()).toEqual(before);
});
