/** Signals ask: to stop, or (SIGHUP) to read the configuration again. */

export interface SignalSource {
  on(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', listener: () => void): void;
  /** Whether the terminal of the program has been closed: that, too, is a SIGHUP. */
  lostTerminal(): boolean;
  /** Ends the process at once. */
  exit(): void;
  /** Monotonic milliseconds. */
  now(): number;
}

/** A terminal and npm may both pass on one and the same Ctrl+C. */
const sameSignalMs = 500;

export class Signals {
  readonly #source: SignalSource;
  #taker: ((signal: string) => void) | null = null;
  #askedMs = Number.NEGATIVE_INFINITY;
  #listening = false;
  #reload: (() => Promise<void>) | null = null;
  #reloading: Promise<void> = Promise.resolve();

  constructor(source: SignalSource) {
    this.#source = source;
  }

  /** Resolves with the name of the next signal that asks to stop; from the first call on, one that nobody waits for ends the process. */
  next(): Promise<string> {
    this.#listen();
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  /** Stops as a signal would, but never ends the process at once. */
  stop(reason: string): void {
    this.#taker?.(reason);
    this.#taker = null;
  }

  /** Called for each SIGHUP, one after the other; `reload` never rejects. */
  onReload(reload: () => Promise<void>): void {
    this.#reload = reload;
  }

  #listen(): void {
    if (this.#listening) return;
    this.#listening = true;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) this.#source.on(signal, () => this.#ask(signal));
    this.#source.on('SIGHUP', () => this.#hungUp());
  }

  #ask(signal: string): void {
    const now = this.#source.now();
    if (now - this.#askedMs <= sameSignalMs) return;
    this.#askedMs = now;
    if (this.#taker) this.stop(signal);
    else this.#source.exit();
  }

  #hungUp(): void {
    const reload = this.#reload;
    if (reload && !this.#source.lostTerminal()) this.#reloading = this.#reloading.then(reload);
    else this.#ask('SIGHUP');
  }
}
