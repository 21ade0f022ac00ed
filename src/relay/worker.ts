/** A relay thread of the pool. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { keepDescriptorsIn } from '../native/descriptors.ts';
import { DtlsThread } from './dtls-thread.ts';
import { type FromThread, handedOver, type ThreadSetup, type ToThread } from './messages.ts';
import { Outbox } from './outbox.ts';
import { startHost } from './thread.ts';

export interface WorkerData {
  readonly setup: ThreadSetup;
  /** Where the thread notes what it has open, in case it dies. */
  readonly descriptors: SharedArrayBuffer;
}

// Not an immediate: the next turn may wait for packets before it.
const outbox = new Outbox<FromThread>((messages) => parentPort?.postMessage(messages, handedOver(messages)), process.nextTick);

let dtls: DtlsThread | undefined;

function post(message: FromThread): void {
  outbox.post(message);
  if (message.type !== 'stopped') return;
  outbox.flush();
  dtls?.stop();
  // Nothing keeps the thread alive then, and it ends by itself.
  parentPort?.close();
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
  const log = logTo({});
  const { thread, chosen } = await DtlsThread.start({ choice: setup.dtls, certificate: setup.certificate }, log);
  dtls = thread;
  const host = await startHost(setup, { log, dtls: chosen }, post);
  parentPort?.on('message', (messages: readonly ToThread[]) => {
    for (const message of messages) host.receive(message);
  });
  post({ type: 'started' });
} catch (error) {
  dtls?.stop();
  post({ type: 'start-failed', detail: errorText(error) });
}
