/** Headless Chromium with a test phone in its page. */

import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { program } from './needs.ts';
import type { Ending, PhoneOptions, PhoneState, PhoneVerbs } from './page/phone-verbs.ts';
import type { PageServer } from './page-server.ts';
import { until } from './until.ts';

const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--autoplay-policy=no-user-gesture-required',
  '--use-fake-ui-for-media-stream',
  '--use-fake-device-for-media-stream',
];

/** `spkiPins`: public keys of servers whose certificates are taken though no authority signed them. */
export function launchChromium(spkiPins: readonly string[] = []): Promise<Browser> {
  const pins = spkiPins.length > 0 ? [`--ignore-certificate-errors-spki-list=${spkiPins.join(',')}`] : [];
  return chromium.launch({ executablePath: program('chromium'), args: [...args, ...pins] });
}

export interface Heard {
  readonly samples: Float32Array;
  /** Samples a second. */
  readonly rate: number;
}

const patienceMs = 15_000;

type Verb = { [Name in keyof PhoneVerbs]: PhoneVerbs[Name] extends (...args: never[]) => unknown ? Name : never }[keyof PhoneVerbs];

/** One page with one phone in a browser context of its own. Every verb of the page is a method here. */
export class BrowserPhone {
  readonly page: Page;
  /** Console lines and uncaught errors of the page. */
  readonly console: string[];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, console: string[]) {
    this.#context = context;
    this.page = page;
    this.console = console;
  }

  /** With `microphone` the page has permission to one, and its offers show real addresses instead of mDNS names. */
  static async open(browser: Browser, server: PageServer, { microphone = true } = {}): Promise<BrowserPhone> {
    const context = await browser.newContext({ permissions: microphone ? ['microphone'] : [] });
    const page = await context.newPage();
    const lines: string[] = [];
    page.on('console', (message) => lines.push(message.text()));
    page.on('pageerror', (error) => lines.push(String(error)));
    await page.goto(server.origin);
    return new BrowserPhone(context, page, lines);
  }

  start(options: PhoneOptions): Promise<void> {
    return this.#do('start', options);
  }

  stop(): Promise<void> {
    return this.#do('stop');
  }

  call(number: string): Promise<void> {
    return this.#do('call', number);
  }

  answer(): Promise<void> {
    return this.#do('answer');
  }

  decline(status: number): Promise<void> {
    return this.#do('decline', status);
  }

  hangUp(): Promise<void> {
    return this.#do('hangUp');
  }

  hold(): Promise<void> {
    return this.#do('hold');
  }

  resume(): Promise<void> {
    return this.#do('resume');
  }

  mute(): Promise<void> {
    return this.#do('mute');
  }

  restartIce(): Promise<void> {
    return this.#do('restartIce');
  }

  sendDigits(digits: string, way: 'INFO' | 'RFC4733'): Promise<void> {
    return this.#do('sendDigits', digits, way);
  }

  events(): Promise<string[]> {
    return this.#do('events');
  }

  ending(): Promise<Ending | null> {
    return this.#do('ending');
  }

  description(): Promise<string> {
    return this.#do('description');
  }

  async record(seconds: number): Promise<Heard> {
    const { rate, samples } = await this.#do('record', seconds);
    const bytes = Buffer.from(samples, 'base64');
    return { rate, samples: new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)) };
  }

  /** Waits for a state; fails with the phone's history. */
  async reaches(state: PhoneState): Promise<void> {
    await this.#until(`phone to be ${state}`, async () => (await this.#do('state')) === state);
  }

  /** Waits until an event has happened so many times. */
  async experiences(event: string, times = 1): Promise<void> {
    await this.#until(`phone to experience ${event}`, async () => (await this.events()).filter((name) => name === event).length >= times);
  }

  /** Ends what is left of a call first, so that the next test does not meet it. */
  async leave(): Promise<void> {
    await this.hangUp().catch(() => {});
    await this.close();
  }

  /** Closes the page as a user closes a tab: no BYE, no un-register. */
  async close(): Promise<void> {
    await this.#context.close();
  }

  /** As a user reloads it: what the page knew is forgotten. */
  async reload(): Promise<void> {
    await this.page.reload();
  }

  async #until(what: string, condition: () => Promise<boolean>): Promise<void> {
    try {
      await until(what, condition, patienceMs);
    } catch (error) {
      throw new Error(`${(error as Error).message} after: ${(await this.events()).join(', ')}`);
    }
  }

  #do<Name extends Verb>(verb: Name, ...args: Parameters<PhoneVerbs[Name]>): Promise<Awaited<ReturnType<PhoneVerbs[Name]>>> {
    return this.page.evaluate(
      ([name, values]) => {
        const { phone } = globalThis as unknown as { phone: Record<string, (...values: unknown[]) => unknown> };
        return phone[name as string]?.(...(values as unknown[]));
      },
      [verb, args] as const,
    ) as Promise<Awaited<ReturnType<PhoneVerbs[Name]>>>;
  }
}
