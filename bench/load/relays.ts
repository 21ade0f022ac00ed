/** The relays that are measured side by side, each started fresh with its calls set up. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../options.ts';
import { floor, floorBatching, offhookBatching, offhookEager, rtpengines } from '../subjects.ts';
import type { CallSetup } from './call-setup.ts';
import type { Loadgen } from './loadgen.ts';
import { type LoadedRelay, loadAdapter } from './loadgen-tool.ts';
import { openWarm } from './warm-gateway.ts';

export interface Relay {
  readonly name: string;
  start(calls: number, generator: Loadgen, work: string): Promise<LoadedRelay>;
}

const srtpSuite = 'AES_CM_128_HMAC_SHA1_80';

/** rtpengine in user space does ICE and DTLS, the C relay has its keys from the calls file; the packets are the same. */
function peerRelay(name: string, adapter: 'rtpengine' | 'floor', args: readonly string[]): Relay {
  return {
    name,
    async start(calls, generator, work) {
      const { start } = await loadAdapter(generator.folder, adapter);
      return start({
        calls,
        mode: adapter === 'rtpengine' ? 'webrtc' : 'sdes',
        suite: srtpSuite,
        fingerprint: generator.certificate.fingerprint,
        work,
        bin: generator.bin,
        cpu: generator.relayCore,
        options: { args },
      });
    },
  };
}

/** Something that goes on beside the media, from the set-up of the measured calls until its `stop` resolves. */
export type Beside = (gateway: CallSetup, generator: Loadgen) => { stop(): Promise<void> };

/** As a busy gateway has them; all at once would leave V8 with more garbage than a call leaves anywhere else. */
const callsPerSecond = 40;
/** In less than the half minute after which a call whose browser is silent ends (RFC 7675): browsers speak once all calls are set up. */
const mostSetupSec = 25;

export function ownRelay(name: string, batchUs: number | 'auto', beside?: Beside): Relay {
  return {
    name,
    async start(calls, generator, work) {
      const gateway = await openWarm(batchUs, generator, work);
      try {
        const { callsFile } = await gateway.begin(calls, { perSecond: Math.max(callsPerSecond, calls / mostSetupSec) });
        const other = beside?.(gateway, generator);
        const stop = (): Promise<void> => (other?.stop() ?? Promise.resolve()).finally(() => gateway.close());
        return { pids: gateway.pids, callsFile, stop };
      } catch (error) {
        await gateway.close();
        throw error;
      }
    },
  };
}

const floors = [peerRelay(floor, 'floor', ['--connect']), peerRelay(floorBatching, 'floor', ['--connect', '--poll-us', '1000'])];

const relays: readonly Relay[] = [
  peerRelay(rtpengines[0], 'rtpengine', []),
  peerRelay(rtpengines[1], 'rtpengine', ['--num-threads=1']),
  ...floors,
  ownRelay(offhookEager, 0),
  ownRelay(offhookBatching, 'auto'),
];

export function chosenRelays(options: BenchOptions, among = relays): readonly Relay[] {
  return options.only.length === 0 ? among : among.filter(({ name }) => options.only.includes(name));
}

export function isFloor(relay: Relay): boolean {
  return floors.includes(relay);
}

/** Sockets of the one before are closed when the next one binds. */
const pauseMs = 300;

/** Starts the relay, does `work` with it, and ends it whatever happens. */
export async function withRelay<Result>(
  relay: Relay,
  { calls, generator, folder }: { readonly calls: number; readonly generator: Loadgen; readonly folder: string },
  work: (loaded: LoadedRelay) => Promise<Result>,
): Promise<Result> {
  const place = join(folder, relay.name.replaceAll(/[^a-z0-9]+/gi, '-'));
  mkdirSync(place, { recursive: true });
  const loaded = await relay.start(calls, generator, place);
  try {
    return await work(loaded);
  } finally {
    await loaded.stop();
    await sleep(pauseMs);
  }
}
