/** A program that a benchmark starts, waits for and ends: this one process, by its handle. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface DaemonOptions {
  /** Gets everything that it prints. */
  readonly log: string;
  readonly env?: NodeJS.ProcessEnv;
}

const patienceMs = 5000;
const lastWords = 2000;

export class Daemon {
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #log: string;
  readonly #exited: Promise<void>;

  private constructor(child: ChildProcess, pid: number, log: string) {
    this.#child = child;
    this.pid = pid;
    this.#log = log;
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  /** Rejects when there is no such program. */
  static async start(command: readonly [string, ...string[]], { log, env = process.env }: DaemonOptions): Promise<Daemon> {
    const [program, ...args] = command;
    const file = openSync(log, 'w');
    const child = spawn(program, args, { stdio: ['pipe', file, file], env });
    closeSync(file);
    await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
    if (child.pid === undefined) throw new Error(`${program} has no process`);
    return new Daemon(child, child.pid, log);
  }

  get running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when `ready` says so; rejects, with what the program said last, when it ends before or takes longer than `withinMs`. */
  async until(ready: (printed: string) => boolean | Promise<boolean>, withinMs = 20_000): Promise<void> {
    const end = performance.now() + withinMs;
    while (!(await ready(this.#printed()))) {
      if (!this.running || performance.now() > end) {
        throw new Error(`${this.#child.spawnfile} did not get ready; it said:\n${this.#printed().slice(-lastWords)}`);
      }
      await sleep(50);
    }
  }

  /** Asks it to end, and insists after five seconds. Idempotent. */
  async stop(): Promise<void> {
    if (!this.running) return;
    this.#child.kill('SIGTERM');
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), patienceMs);
    await this.#exited;
    clearTimeout(insist);
  }

  #printed(): string {
    return readFileSync(this.#log, 'utf8');
  }
}
