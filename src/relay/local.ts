/** The relay within this thread, for tests and `workers: 0`. */

import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/random.ts';
import type { MediaRelay } from './media-relay.ts';
import type { FromThread } from './messages.ts';
import { PortRange } from './port-range.ts';
import { defaultQuarantineMs, type RelayOptions, threadSetup } from './relay-options.ts';
import { startHost } from './thread.ts';
import { ThreadedRelay } from './threaded-relay.ts';

/** Rejects when an address cannot be bound or a driver that was asked for by name cannot work here. */
export async function createLocalRelay(options: RelayOptions): Promise<MediaRelay> {
  const { clock = systemClock, random = systemRandom, log, quarantineMs = defaultQuarantineMs } = options;
  // A polled driver would hold up everything else that this thread does.
  const driver = options.driver === 'auto' ? 'dgram' : options.driver;
  const setupOf = await threadSetup({ ...options, driver });
  return await ThreadedRelay.start({
    threads: 1,
    ports: new PortRange({ ports: options.trunk.ports, quarantineMs, random }),
    clock,
    log,
    late: options.late ?? (() => {}),
    async start(index, out) {
      // As from any thread, messages arrive later: nobody is called back in the middle of a packet.
      const post = (message: FromThread): void => queueMicrotask(() => out.message(message));
      const host = await startHost(setupOf(index), { clock, random, log }, post);
      return {
        post: (message) => host.receive(message),
        async stop() {
          host.stop();
          await Promise.resolve();
        },
      };
    },
  });
}
