/** The DTLS thread of a relay thread, which starts it, talks to it and ends it. */

import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { errorText } from '../base/errors.ts';
import { dtlsDriver } from '../dtls/driver.ts';
import { DtlsHost } from './dtls-host.ts';
import type { DtlsSetup, FromDtlsThread, ToDtlsThread } from './dtls-messages.ts';

const say = (...words: readonly FromDtlsThread[]): void => parentPort?.postMessage(words);

try {
  const { choice, certificate } = workerData as DtlsSetup;
  const { driver, reason } = await dtlsDriver(choice);
  const host = new DtlsHost({ driver, certificate, clock: systemClock }, (words) => say(...words));
  parentPort?.on('message', (message: ToDtlsThread | 'stop') => {
    if (message !== 'stop') return host.receive(message);
    host.close();
    // Nothing keeps the thread alive then, and it ends by itself.
    parentPort?.close();
  });
  say({ type: 'started', driver: driver.name, reason });
} catch (error) {
  say({ type: 'start-failed', detail: errorText(error) });
}
