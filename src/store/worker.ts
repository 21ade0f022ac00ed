/** The store's thread. */

import { parentPort, workerData } from 'node:worker_threads';
import { errorText } from '../base/errors.ts';
import { bestDriver } from './driver.ts';
import type { FromStore, StoreSetup, StoreTask, ToStore } from './messages.ts';
import { openDatabase } from './open-database.ts';
import { DatabaseWriter } from './writer.ts';

function post(message: FromStore): void {
  parentPort?.postMessage(message);
}

function perform(writer: DatabaseWriter, task: StoreTask) {
  switch (task.type) {
    case 'write':
      return writer.write(task.statements);
    case 'commit':
      writer.commit(task.statements);
      return null;
    case 'query':
      return writer.query(task.statement);
    case 'close':
      writer.close();
      return null;
  }
}

function serve(writer: DatabaseWriter, task: ToStore): void {
  try {
    post({ type: 'done', id: task.id, result: perform(writer, task) });
  } catch (error) {
    post({ type: 'failed', id: task.id, detail: errorText(error) });
  }
  // Nothing keeps the thread alive then, and it ends by itself.
  if (task.type === 'close') parentPort?.close();
}

try {
  const { path, migrations } = workerData as StoreSetup;
  const driver = await bestDriver();
  const writer = new DatabaseWriter(openDatabase(driver, path, migrations));
  parentPort?.on('message', (task: ToStore) => serve(writer, task));
  post({ type: 'opened', driver: driver.name });
} catch (error) {
  post({ type: 'not-opened', detail: errorText(error) });
}
