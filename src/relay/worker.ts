/** A relay thread of the pool. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { keepDescriptorsIn } from '../native/descriptors.ts';
import type { FromThread, ThreadSetup, ToThread } from './messages.ts';
import { startHost } from './thread.ts';

export interface WorkerData {
  readonly setup: ThreadSetup;
  /** Where the thread notes what it has open, in case it dies. */
  readonly descriptors: SharedArrayBuffer;
}

function post(message: FromThread): void {
  parentPort?.postMessage(message);
  // Nothing keeps the thread alive then, and it ends by itself.
  if (message.type === 'stopped') parentPort?.close();
}

function logTo(base: object): Log {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) =>
    post({ type: 'log', level, fields: { ...base, ...fields }, message });
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => logTo({ ...base, ...fields }),
  };
}

try {
  const { setup, descriptors } = workerData as WorkerData;
  keepDescriptorsIn(descriptors);
  const host = await startHost(setup, { log: logTo({}) }, post);
  parentPort?.on('message', (message: ToThread) => host.receive(message));
  post({ type: 'started' });
} catch (error) {
  post({ type: 'start-failed', detail: errorText(error) });
}
