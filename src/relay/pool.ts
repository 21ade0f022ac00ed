/** The relay in worker threads. Runs from dist/ only: a worker cannot be loaded from TypeScript. */

import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Clock, systemClock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { systemRandom } from '../base/random.ts';
import { closeDescriptorsOf, createDescriptorLedger } from '../native/descriptors.ts';
import type { MediaRelay } from './media-relay.ts';
import { type FromThread, handedOver, type ThreadSetup, type ToThread } from './messages.ts';
import { Outbox } from './outbox.ts';
import { PortRange } from './port-range.ts';
import { defaultQuarantineMs, type RelayOptions, threadSetup } from './relay-options.ts';
import type { RelayThread } from './thread-link.ts';
import { ThreadedRelay, type ThreadOut } from './threaded-relay.ts';
import type { WorkerData } from './worker.ts';

/**
 * Of new objects, MB. Packets make none, so that a thread has few and short-lived ones; V8 would let this grow to 48 MB when many calls
 * begin at once, and never take it back while packets flow.
 */
const youngGenerationMb = 2;

/** A thread that has not ended by itself after this is ended. */
const stopTimeoutMs = 2000;

export interface PoolOptions extends RelayOptions {
  /** Threads, at least 1; `auto`: one per core beyond the first. */
  readonly workers: number | 'auto';
}

/** Rejects when a thread cannot start: its port is taken, or a driver that was asked for by name cannot work here. */
export async function createRelayPool(options: PoolOptions): Promise<MediaRelay> {
  const { clock = systemClock, random = systemRandom, log, quarantineMs = defaultQuarantineMs, workers } = options;
  const setupOf = await threadSetup(options);
  return await ThreadedRelay.start({
    threads: Math.max(1, workers === 'auto' ? availableParallelism() - 1 : workers),
    ports: new PortRange({ ports: options.trunk.ports, quarantineMs, random }),
    clock,
    log,
    late: options.late ?? (() => {}),
    start: (index, out) => startWorker(setupOf(index), clock, out),
  });
}

function startWorker(setup: ThreadSetup, clock: Clock, out: ThreadOut): Promise<RelayThread> {
  const descriptors = createDescriptorLedger();
  const workerData: WorkerData = { setup, descriptors };
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData,
    resourceLimits: { maxYoungGenerationSizeMb: youngGenerationMb },
  });
  const outbox = new Outbox<ToThread>((messages) => worker.postMessage(messages, handedOver(messages)), setImmediate);
  return new Promise((resolve, reject) => {
    let state: 'starting' | 'serving' | 'stopping' = 'starting';
    let failure = 'it ended by itself';
    const exited = new Promise<void>((done) => worker.once('exit', () => done()));
    const stop = async (): Promise<void> => {
      state = 'stopping';
      outbox.post({ type: 'stop' });
      const cancel = clock.after(stopTimeoutMs, () => void worker.terminate());
      await exited;
      cancel();
    };
    const receive = (message: FromThread): void => {
      if (message.type === 'start-failed') failure = message.detail;
      else if (message.type !== 'started') out.message(message);
      else {
        state = 'serving';
        resolve({ post: (command) => outbox.post(command), stop });
      }
    };
    worker.on('message', (messages: readonly FromThread[]) => {
      for (const message of messages) receive(message);
    });
    worker.on('error', (error) => {
      failure = errorText(error);
    });
    worker.once('exit', () => {
      closeDescriptorsOf(descriptors);
      if (state === 'starting') reject(new Error(failure));
      else if (state === 'serving') out.died(failure);
    });
  });
}
