/** `node dist/main.js demo` as a process of its own. */

import { fileURLToPath } from 'node:url';
import { Child, type Exit } from './child.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export class DemoProcess {
  /** Of the softphone page. */
  readonly url: string;
  readonly #child: Child;

  private constructor(child: Child, url: string) {
    this.#child = child;
    this.url = url;
  }

  /** Resolves when the page can be opened; rejects with the output when it ends instead. */
  static async start(port: number): Promise<DemoProcess> {
    const child = new Child(process.execPath, [main, 'demo', '--port', String(port)]);
    const url = `http://localhost:${port}/phone`;
    const ready = await until('the demo', () => (child.output.includes(url) ? 'ready' : !child.running && 'ended'));
    if (ready === 'ended') throw new Error(`the demo ended: ${child.output}`);
    return new DemoProcess(child, url);
  }

  /** Everything that it wrote, for a failed test. */
  get output(): string {
    return this.#child.output;
  }

  stop(): Promise<Exit> {
    return this.#child.stop();
  }
}
