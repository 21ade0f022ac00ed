/** Sixteen calls at once, begun and ended in random order by both sides: each hears its own party, and nothing is left behind. */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Random, seededRandom } from '../../src/base/random.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { callEnds, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, status, uriOf } from '../support/plain-sip.ts';
import { openDescriptors, residentMb } from '../support/process-state.ts';
import { measureTone } from '../support/tone-meter.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { rtpComplaints, sipComplaints } from '../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import type { WebSocketPhone } from '../support/websocket-phone.ts';

const count = 16;

interface Pair {
  readonly call: PhoneCall;
  readonly far: TrunkCall;
}

describe('sixteen calls', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = seededRandom(seed);
  let trunk: TrunkPeer;
  let gateway: GatewayProcess;
  let phone: WebSocketPhone;

  beforeAll(async () => {
    trunk = await TrunkPeer.open();
    const limits = { callsPerUser: count, messagesPerSec: 1000 };
    gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], config: { limits } });
    phone = await registeredPhone(gateway);
    phone.onCall = (call) => void call.answer();
    trunk.onCall = (call) => call.answer();
  });

  afterAll(async () => {
    await phone?.close();
    trunk?.close();
  });

  /** Each call has a number of its own, by which its two ends find each other. */
  async function begin(index: number): Promise<Pair> {
    await pause(random.uint32() % 500);
    const number = String(1000 + index);
    const pair = index % 2 === 0 ? await callOut(number) : await callIn(number);
    await pair.call.media.connected();
    pair.call.media.sendTone({ frequencyHz: browserHz(index) });
    pair.far.rtp.sendTone({ frequencyHz: trunkHz(index) });
    return pair;
  }

  async function callOut(number: string): Promise<Pair> {
    const call = await phone.call(number);
    await call.established();
    const far = trunk.calls.findLast(({ invite }) => invite.startLine.includes(`sip:${number}@`));
    if (!far) throw new Error(`no call for ${number}`);
    return { call, far };
  }

  async function callIn(number: string): Promise<Pair> {
    const far = await trunk.call(gateway.listeners.udp, '+15550100', { from: number });
    await far.responded(200);
    const call = phone.calls.findLast(({ invite }) => uriOf(header(invite, 'From')).includes(`sip:${number}@`));
    if (!call) throw new Error(`no call from ${number}`);
    return { call, far };
  }

  async function end({ call, far }: Pair, byBrowser: boolean): Promise<void> {
    await pause(random.uint32() % 500);
    expect(status(await (byBrowser ? call : far).bye())).toBe(200);
    await (byBrowser ? far : call).requested('BYE');
    await call.media.close();
    far.rtp.stop();
  }

  /** Sixteen calls from beginning to end. */
  async function round(): Promise<void> {
    const known = callEnds(gateway).length;
    const pairs = await Promise.all(Array.from({ length: count }, (_, index) => begin(index)));
    expect(await gateway.get('/api/v1/calls')).toMatchObject({ calls: { length: count } });
    await pause(200);
    const sinceMs = performance.now();
    await pause(1200);
    for (const [index, pair] of pairs.entries()) expectOwnSound(pair, index, sinceMs);
    const byBrowser = shuffled(pairs, random).map((pair) => ({ pair, byBrowser: random.uint32() % 2 === 0 }));
    await Promise.all(byBrowser.map((ending) => end(ending.pair, ending.byBrowser)));
    const ends = await until('sixteen ends', () => {
      const told = callEnds(gateway).slice(known);
      return told.length === count && told;
    });
    const sides = (side: string): number => ends.filter((line) => line['side'] === side).length;
    expect(new Set(ends.map(({ cause }) => cause))).toEqual(new Set(['hung-up']));
    expect([sides('browser'), sides('trunk')]).toEqual([
      byBrowser.filter((ending) => ending.byBrowser).length,
      byBrowser.filter((ending) => !ending.byBrowser).length,
    ]);
    expect(await gateway.get('/api/v1/calls')).toEqual({ calls: [] });
    expect(pairs.flatMap(({ far }) => far.received.flatMap(sipComplaints))).toEqual([]);
    expect(pairs.flatMap(({ far }) => rtpComplaints(far.rtp.packets))).toEqual([]);
  }

  test(`leave nothing behind (seed ${seed})`, { timeout: 90_000 }, async () => {
    const pid = gateway.pid ?? 0;
    const idle = openDescriptors(pid);
    await round();
    await until('as few descriptors as before', () => openDescriptors(pid).length <= idle.length, 5000);
    const warmMb = residentMb(pid);
    await round();
    await until('as few descriptors as before', () => openDescriptors(pid).length <= idle.length, 5000);
    expect(openDescriptors(pid).sort()).toEqual(idle.sort());
    expect(residentMb(pid) - warmMb).toBeLessThan(30);
    expect(residentMb(pid)).toBeLessThan(300);
  });

  test('and the binding goes with its user: then nobody is there, and the gateway stops at once', async () => {
    expect(status(await phone.register(0))).toBe(200);
    const far = await trunk.call(gateway.listeners.udp, '+15550100');
    expect(status(await far.responded(480))).toBe(480);
    const sinceMs = performance.now();
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(performance.now() - sinceMs).toBeLessThan(5000);
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });
});

/** Tones of different calls lie 40 Hz apart, those of the two ends of a call 20 Hz. */
function browserHz(index: number): number {
  return 500 + 40 * index;
}

function trunkHz(index: number): number {
  return 520 + 40 * index;
}

function expectOwnSound({ call, far }: Pair, index: number, sinceMs: number): void {
  const inBrowser = measureTone(call.media.heard(sinceMs), 8000, browserHz(index));
  const atTrunk = measureTone(far.rtp.heard(sinceMs), 8000, trunkHz(index));
  expect([Math.round(inBrowser.frequencyHz), Math.round(atTrunk.frequencyHz)]).toEqual([trunkHz(index), browserHz(index)]);
  expect(Math.min(inBrowser.rejectionDb, atTrunk.rejectionDb)).toBeGreaterThan(10);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items
    .map((item) => ({ item, key: random.uint32() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
