/** Latency of the packets of established calls while others are set up, shake hands and are ended on the same thread. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { offhookBatching, offhookEager } from '../subjects.ts';
import { secondPlayer } from './loadgen.ts';
import { measureMedia } from './relay.ts';
import { type Beside, chosenRelays, ownRelay } from './relays.ts';

/** Together 20 calls a second. */
const comingAtOnce = 5;
const everyMs = 250;

const subjects = [
  ownRelay(offhookEager, 0),
  ownRelay(`${offhookEager}, 20 set-ups a second`, 0, comeAndGo),
  ownRelay(offhookBatching, 'auto'),
  ownRelay(`${offhookBatching}, 20 set-ups a second`, 'auto', comeAndGo),
];

export function benchChurn(options: BenchOptions): Promise<Findings> {
  const loads = options.calls.length > 0 ? options.calls : options.short ? [4] : [500];
  return measureMedia(options, { relays: chosenRelays(options, subjects), loads, baselines: [] });
}

/** `stop` rejects when one of the calls failed. */
function comeAndGo(...[gateway, generator]: Parameters<Beside>): ReturnType<Beside> {
  let stopped = false;
  const run = async (): Promise<void> => {
    const begun = performance.now();
    let calls = 0;
    while (!stopped) {
      const next = sleep(everyMs);
      const batch = await gateway.begin(comingAtOnce, { first: secondPlayer });
      await generator.handshakes({ pids: gateway.pids, callsFile: batch.callsFile }, 1);
      await batch.hangUp();
      calls += comingAtOnce;
      await next;
    }
    console.log(`${((calls / (performance.now() - begun)) * 1000).toFixed(1)} calls a second came and went`);
  };
  const over = run();
  // Reported by stop().
  over.catch(() => {});
  return {
    stop() {
      stopped = true;
      return over;
    },
  };
}
