/** The built relay with the fast drivers, in this thread; its peers are in another, whose garbage is not looked at. */

import { existsSync } from 'node:fs';
import { constants, type NodeGCPerformanceDetail, type PerformanceEntry, PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../src/base/clock.ts';
import type { SrtpProfile } from '../../src/dtls/endpoint.ts';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { connectCall, type MediaCall, relayOptions } from '../support/media-call.ts';
import { PacketPump } from '../support/packet-pump.ts';
import { pause } from '../support/until.ts';

const relayModule = new URL('../../dist/relay/local.js', import.meta.url);

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const heapBytes = (): number => getHeapStatistics().used_heap_size;

/** Bytes: the smallest object of V8 has two words. */
const lessThanAnObject = 8;
const packets = 100_000;

/** Node makes a number object whenever it is asked for the time, which the relay does for each wake-up. So another thread tells it. */
const tick = "const { workerData } = require('node:worker_threads'); setInterval(() => { workerData[0] = performance.now(); }, 1);";

interface Growth {
  /** Bytes of all objects that were made, as long as none was collected. */
  readonly made: number;
  /** Bytes of those that are still needed. */
  readonly kept: number;
  /** Collections of young objects meanwhile. */
  readonly scavenges: number;
  readonly lastedMs: number;
}

describe.each<SrtpProfile>(['SRTP_AES128_CM_HMAC_SHA1_80', 'SRTP_AEAD_AES_256_GCM'])('relaying packets under %s', (profile) => {
  let relay: MediaRelay;
  let call: MediaCall;
  let ticker: Worker;
  let pump: PacketPump;
  let scavenges = 0;
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { detail } = entry as PerformanceEntry & { detail: NodeGCPerformanceDetail };
      if (detail.kind === constants.NODE_PERFORMANCE_GC_MINOR) scavenges++;
    }
  });

  beforeEach(async (context) => {
    if (process.platform !== 'linux') context.skip('the mmsg driver is for Linux');
    if (!existsSync(relayModule)) context.skip('npm run build makes dist/');
    const { createLocalRelay } = (await import(relayModule.href)) as typeof import('../../src/relay/local.ts');
    const ticks = new Int32Array(new SharedArrayBuffer(4));
    ticker = new Worker(tick, { eval: true, workerData: ticks });
    const clock: Clock = { ...systemClock, now: () => ticks[0] as number };
    relay = await createLocalRelay({ ...relayOptions, driver: 'mmsg', srtp: 'evp', batchUs: 0, clock });
    call = await connectCall(relay, { profiles: [profile] });
    pump = await PacketPump.takeOver(call);
    observer.observe({ entryTypes: ['gc'] });
  });

  afterEach(async () => {
    observer.disconnect();
    await pump?.close();
    await call?.end();
    await relay?.close();
    await ticker?.terminate();
  });

  /** Twice: what was weakly held is gone then. The pause lets the observer hear of it. */
  async function settle(): Promise<void> {
    collectGarbage();
    collectGarbage();
    await pause(20);
  }

  /** Once more if the room for young objects just happened to fill up. */
  async function undisturbedGrowth(work: () => Promise<unknown>): Promise<Growth> {
    let found = await growth(work);
    for (let again = 0; again < 3 && found.scavenges > 0; again++) found = await growth(work);
    return found;
  }

  async function growth(work: () => Promise<unknown>): Promise<Growth> {
    await settle();
    scavenges = 0;
    const started = performance.now();
    const before = heapBytes();
    await work();
    const made = heapBytes() - before;
    const lastedMs = performance.now() - started;
    await pause(20);
    const seen = scavenges;
    await settle();
    return { made, kept: heapBytes() - before, scavenges: seen, lastedMs };
  }

  test('makes no object for a packet, and keeps nothing of it', async () => {
    await pump.relay(60_000);
    const busy = await undisturbedGrowth(async () => expect(await pump.relay(packets)).toBeGreaterThanOrEqual(packets));
    // Time makes garbage too: a turn of the thread does, and the statistics of each second.
    const idle = await undisturbedGrowth(() => pause(busy.lastedMs));
    expect(busy.scavenges).toBe(0);
    expect((busy.made - idle.made) / packets).toBeLessThan(lessThanAnObject);
    expect(busy.kept / packets).toBeLessThan(lessThanAnObject);
  });
});
