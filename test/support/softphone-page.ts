/** The softphone page as its user sees it: labels, buttons and words. */

import type { Browser, BrowserContext, Page } from 'playwright-core';
import { until } from './until.ts';

const patienceMs = 15_000;

export interface SoftphonePageOptions {
  readonly refusedMicrophone?: boolean;
  readonly html?: string;
}

const strictHeaders = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': "default-src 'self'; connect-src ws:; object-src 'none'; base-uri 'none'",
};

export class SoftphonePage {
  readonly page: Page;
  /** Errors on the console and uncaught ones. */
  readonly errors: string[];
  /** Methods of the SIP requests that it sent. */
  readonly methods: string[] = [];
  readonly #context: BrowserContext;

  private constructor(context: BrowserContext, page: Page, errors: string[]) {
    this.#context = context;
    this.page = page;
    this.errors = errors;
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => this.methods.push(String(payload).split(' ', 1).join()));
    });
  }

  /** `refusedMicrophone`: the user says no when asked. `html`: what is found at the url, under a policy as strict as the gateway's. */
  static async open(browser: Browser, url: string, options: SoftphonePageOptions = {}): Promise<SoftphonePage> {
    const { refusedMicrophone = false, html } = options;
    const context = await browser.newContext({ permissions: ['microphone', 'local-network-access'], reducedMotion: 'reduce' });
    if (refusedMicrophone) await context.addInitScript(refuseMicrophone);
    if (html !== undefined) await context.route(url, (route) => route.fulfill({ body: html, headers: strictHeaders }));
    const page = await context.newPage();
    page.setDefaultTimeout(patienceMs);
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(String(error)));
    const softphone = new SoftphonePage(context, page, errors);
    await page.goto(url);
    return softphone;
  }

  async click(name: string): Promise<void> {
    await this.page.getByRole('button', { name, exact: true }).click();
  }

  /** Of the words on a button. */
  async colourOf(name: string): Promise<string> {
    return this.page.getByRole('button', { name, exact: true }).evaluate(colourOf);
  }

  /** A number to try. */
  async choose(number: string): Promise<void> {
    await this.page.getByRole('listitem').filter({ hasText: number }).getByRole('button').click();
  }

  async call(number: string): Promise<void> {
    await this.page.getByLabel('Number', { exact: true }).fill(number);
    await this.click('Call');
  }

  async signIn(fields: Readonly<Record<'Name' | 'Password' | 'Domain', string>>): Promise<void> {
    for (const [label, value] of Object.entries(fields)) await this.page.getByLabel(label, { exact: true }).fill(value);
    await this.click('Sign in');
  }

  /** Waits until these words can be read. */
  async says(text: string): Promise<void> {
    await this.page.getByText(text, { exact: true }).filter({ visible: true }).first().waitFor();
  }

  /** Waits until screen readers are told. */
  async announces(text: string): Promise<void> {
    await this.page.locator('[role=status]').filter({ hasText: text }).first().waitFor({ state: 'attached' });
  }

  /** Waits until the meter of that side shows sound. */
  async shows(side: 'Your level' | 'Level of the other side', wanted: 'sound' | 'silence'): Promise<void> {
    await until(`${wanted}: ${side}`, async () => (await this.#db(side)) > quietDb === (wanted === 'sound'), patienceMs);
  }

  /** How far the page is wider than its window. */
  overflowPx(): Promise<number> {
    return this.page.locator('html').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  }

  /** Errors so far were expected: a browser complains of every connection that fails. */
  forgiveErrors(): void {
    this.errors.length = 0;
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  #db(meter: string): Promise<number> {
    return this.page.getByLabel(meter).evaluate((element) => (element as unknown as { value: number }).value);
  }
}

/** Coded silence is below, everything that the demo plays above. */
const quietDb = -50;

function colourOf(element: unknown): string {
  const { getComputedStyle } = globalThis as unknown as { getComputedStyle(element: unknown): { color: string } };
  return getComputedStyle(element).color;
}

function refuseMicrophone(): void {
  const { navigator } = globalThis as unknown as { navigator: { mediaDevices: { getUserMedia(): Promise<never> } } };
  navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('refused', 'NotAllowedError'));
}
