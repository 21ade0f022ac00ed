/** The relays that are measured side by side, each started fresh with its calls set up. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchOptions } from '../options.ts';
import { floor, floorBatching, offhookBatching, offhookEager, rtpengines } from '../subjects.ts';
import { CallSetup } from './call-setup.ts';
import { networks } from './gateway.ts';
import type { Loadgen } from './loadgen.ts';
import { type LoadedRelay, loadAdapter } from './loadgen-tool.ts';
import { startOffhook } from './offhook.ts';

export interface Relay {
  readonly name: string;
  start(calls: number, generator: Loadgen, work: string): Promise<LoadedRelay>;
}

const srtpSuite = 'AES_CM_128_HMAC_SHA1_80';

/** rtpengine in user space does ICE and DTLS, the C relay has its keys from the calls file; the packets are the same. */
function peer(name: string, adapter: 'rtpengine' | 'floor', args: readonly string[]): Relay {
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

/** Calls with media before the measured ones, so that a gateway is met as it is after its first minute. */
const firstCalls = { calls: 50, seconds: 4 };

function own(name: string, batchUs: number | 'auto'): Relay {
  return {
    name,
    async start(calls, generator, work) {
      const start = startOffhook({ batchUs, wrap: (command) => generator.wrapRelay(command) });
      const gateway = await CallSetup.open(start, networks.own, generator, work);
      try {
        await warmUp(gateway, generator);
        const { callsFile } = await gateway.begin(calls);
        return { pids: gateway.pids, callsFile, stop: () => gateway.close() };
      } catch (error) {
        await gateway.close();
        throw error;
      }
    },
  };
}

async function warmUp(gateway: CallSetup, generator: Loadgen): Promise<void> {
  const batch = await gateway.begin(firstCalls.calls);
  await generator.run({ pids: gateway.pids, callsFile: batch.callsFile }, { seconds: firstCalls.seconds, warmupSec: 1, tickUs: 1000 });
  await batch.hangUp();
}

const floors = [peer(floor, 'floor', ['--connect']), peer(floorBatching, 'floor', ['--connect', '--poll-us', '1000'])];

const relays: readonly Relay[] = [
  peer(rtpengines[0], 'rtpengine', []),
  peer(rtpengines[1], 'rtpengine', ['--num-threads=1']),
  ...floors,
  own(offhookEager, 0),
  own(offhookBatching, 'auto'),
];

export function chosenRelays({ only }: BenchOptions): readonly Relay[] {
  return only.length === 0 ? relays : relays.filter(({ name }) => only.includes(name));
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
