/** How the cost of a packet grows with the number of calls, at half of the usual rate, which the generator keeps up to 1000 calls. */

import type { Findings } from '../findings.ts';
import type { BenchOptions } from '../options.ts';
import { rtpengines } from '../subjects.ts';
import { measureMedia } from './relay.ts';
import { chosenRelays } from './relays.ts';

/** One packet holds 40 ms. */
const packetsPerSecond = 25;

export function benchGrowth(options: BenchOptions): Promise<Findings> {
  const loads = options.calls.length > 0 ? options.calls : options.short ? [4] : [50, 500, 1000];
  return measureMedia(options, { relays: chosenRelays(options), loads, packetsPerSecond, baselines: rtpengines });
}
