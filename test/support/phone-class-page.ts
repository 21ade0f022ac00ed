/** A page whose script uses the class `Phone`: driven by the names of its methods, its events kept. */

import type { Page } from 'playwright-core';
import { until } from './until.ts';

const patienceMs = 15_000;

export interface ToldEvent {
  readonly name: string;
  readonly detail: Record<string, unknown>;
}

/** What the script in the page holds. */
interface Holder {
  readonly module: { Phone: new (options: ClassOptions) => Holder['phone'] };
  phone: Record<string, (...values: unknown[]) => unknown> & { readonly view: unknown; readonly connection?: Connection };
  told: ToldEvent[];
}

interface Connection {
  readonly localDescription: { readonly sdp: string } | null;
  getStats(): Promise<Map<string, { readonly type: string; readonly totalAudioEnergy?: number; readonly packetsReceived?: number }>>;
}

export interface ClassOptions {
  readonly url: string;
  readonly dtmf?: string;
}

const names = ['registered', 'unregistered', 'incoming', 'ringing', 'early-media', 'connected', 'held', 'ended', 'failed', 'quality'];

export class PhoneClassPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** `page`: any page of the gateway's origin. */
  static async start(page: Page, options: ClassOptions, account: object): Promise<PhoneClassPage> {
    await page.evaluate("import('/phone/offhook-phone.js').then((module) => { globalThis.module = module; })");
    await page.evaluate(
      ([phoneOptions, signIn, eventNames]) => {
        const holder = globalThis as unknown as Holder;
        const told: ToldEvent[] = [];
        const phone = new holder.module.Phone(phoneOptions);
        for (const name of eventNames) phone['on']?.(name, (detail: ToldEvent['detail']) => told.push({ name, detail }));
        Object.assign(holder, { phone, told });
        phone['signIn']?.(signIn);
      },
      [options, account, names] as const,
    );
    const started = new PhoneClassPage(page);
    await started.experiences('registered');
    return started;
  }

  do(method: string, ...values: readonly unknown[]): Promise<unknown> {
    return this.#page.evaluate(([name, given]) => (globalThis as unknown as Holder).phone[name]?.(...given), [method, values] as const);
  }

  events(): Promise<ToldEvent[]> {
    return this.#page.evaluate(() => (globalThis as unknown as Holder).told);
  }

  /** Waits for the event's so many-th time and gives what came with it. */
  async experiences(name: string, times = 1): Promise<ToldEvent['detail']> {
    return until(
      `${name}, ${times}`,
      async () => (await this.events()).filter((event) => event.name === name)[times - 1]?.detail,
      patienceMs,
    );
  }

  /** Loudness that was heard so far, summed up. */
  heard(): Promise<number> {
    return this.#page.evaluate(async () => {
      const stats = await (globalThis as unknown as Holder).phone.connection?.getStats();
      return [...(stats?.values() ?? [])].find(({ type }) => type === 'inbound-rtp')?.totalAudioEnergy ?? 0;
    });
  }

  /** Waits until sound arrives, from now on. */
  async hears(): Promise<void> {
    const before = await this.heard();
    await until('sound', async () => (await this.heard()) > before + 1e-5, patienceMs);
  }

  /** Which ICE session the audio belongs to. */
  async iceSession(): Promise<string> {
    const sdp = await this.#page.evaluate(() => (globalThis as unknown as Holder).phone.connection?.localDescription?.sdp ?? '');
    return /^a=ice-ufrag:(.*)$/m.exec(sdp)?.[1]?.trim() ?? '';
  }

  /** The device comes to another network, as far as the page is told. */
  async changesNetwork(): Promise<void> {
    await this.#page.evaluate(() => (globalThis as unknown as EventTarget).dispatchEvent(new Event('online')));
  }
}
