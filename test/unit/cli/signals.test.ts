import { beforeEach, describe, expect, test } from 'vitest';
import { type SignalSource, Signals } from '../../../src/cli/signals.ts';
import { until } from '../../support/until.ts';

class FakeSource implements SignalSource {
  readonly #listeners = new Map<string, () => void>();
  time = 0;
  terminalIsGone = false;
  exits = 0;

  on(signal: string, listener: () => void): void {
    this.#listeners.set(signal, listener);
  }

  lostTerminal(): boolean {
    return this.terminalIsGone;
  }

  exit(): void {
    this.exits += 1;
  }

  now(): number {
    return this.time;
  }

  raise(signal: string, afterMs = 1000): void {
    this.time += afterMs;
    this.#listeners.get(signal)?.();
  }
}

let source: FakeSource;
let signals: Signals;
beforeEach(() => {
  source = new FakeSource();
  signals = new Signals(source);
});

describe('signals', () => {
  test('the first asks, a second that nobody waits for ends the process', async () => {
    const next = signals.next();
    source.raise('SIGTERM');
    expect(await next).toBe('SIGTERM');
    expect(source.exits).toBe(0);
    source.raise('SIGINT');
    expect(source.exits).toBe(1);
  });

  test('the same one twice at once counts once', async () => {
    const next = signals.next();
    source.raise('SIGINT');
    source.raise('SIGINT', 100);
    expect(await next).toBe('SIGINT');
    expect(source.exits).toBe(0);
  });

  test('a second one that is waited for asks again', async () => {
    const first = signals.next();
    source.raise('SIGTERM');
    await first;
    const second = signals.next();
    source.raise('SIGTERM');
    expect(await second).toBe('SIGTERM');
    expect(source.exits).toBe(0);
  });

  test('SIGHUP stops where nothing can be read again, and when the terminal is gone', async () => {
    const next = signals.next();
    source.raise('SIGHUP');
    expect(await next).toBe('SIGHUP');
    signals.onReload(async () => {});
    source.terminalIsGone = true;
    const again = signals.next();
    source.raise('SIGHUP');
    expect(await again).toBe('SIGHUP');
  });

  test('SIGHUPs are carried out one after the other', async () => {
    const story: string[] = [];
    signals.onReload(async () => {
      story.push('begin');
      await new Promise((resolve) => setImmediate(resolve));
      story.push('end');
    });
    void signals.next();
    source.raise('SIGHUP');
    source.raise('SIGHUP', 0);
    await until('both', () => story.length === 4);
    expect(story).toEqual(['begin', 'end', 'begin', 'end']);
  });

  test('a defect stops, and never ends the process at once', async () => {
    const next = signals.next();
    signals.stop('uncaught exception');
    expect(await next).toBe('uncaught exception');
    signals.stop('uncaught exception');
    expect(source.exits).toBe(0);
  });
});
