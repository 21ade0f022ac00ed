/** Both peers of a call, in a thread of their own: see packet-pump.js. */

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { configureTrunk, type MediaCall } from './media-call.ts';

export class PacketPump {
  readonly #worker: Worker;

  private constructor(worker: Worker) {
    this.#worker = worker;
  }

  /** Takes over from the peers of a call that has connected. */
  static async takeOver(call: MediaCall): Promise<PacketPump> {
    const worker = new Worker(new URL('./packet-pump.js', import.meta.url), { workerData: await peersOf(call) });
    const [port] = (await once(worker, 'message')) as [number];
    configureTrunk(call, { rtp: { host: '127.0.0.1', port } });
    return new PacketPump(worker);
  }

  /** Sends `packets` or a few more, half from each side, and resolves with how many were relayed. */
  async relay(packets: number): Promise<number> {
    this.#worker.postMessage(packets);
    const [relayed] = (await once(this.#worker, 'message')) as [number];
    return relayed;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** The browser's own socket makes room for that of the thread, which has its port from then on. */
async function peersOf({ browser, browserLeg, trunkLeg }: MediaCall): Promise<object> {
  if (!browser.connection) throw new Error('the browser has no keys yet');
  const { profile, localKey, localSalt } = browser.connection;
  const browserPort = browser.address.port;
  await browser.move();
  const keys = { profile, masterKey: localKey, masterSalt: localSalt };
  return { browserPort, browserTo: browserLeg.candidates[0], trunkTo: trunkLeg.rtp, keys };
}
