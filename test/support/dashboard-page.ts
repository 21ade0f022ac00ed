/** The dashboard as its user sees it. */

import { readFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';

const patienceMs = 15_000;

export interface DashboardOptions {
  readonly width?: number;
  readonly colorScheme?: 'light' | 'dark';
  /** As where a proxy holds event streams back. */
  readonly withoutEvents?: boolean;
}

export const dashboardPages = ['calls', 'registrations', 'trunks', 'records', 'events', 'node', 'configuration'] as const;

export class DashboardPage {
  readonly page: Page;
  /** Errors on the console and uncaught ones; that a resource is not there is none. */
  readonly errors: string[] = [];
  readonly #context: BrowserContext;
  readonly #url: string;

  private constructor(context: BrowserContext, page: Page, url: string) {
    this.#context = context;
    this.page = page;
    this.#url = url;
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) this.errors.push(message.text());
    });
  }

  /** `url`: origin of the gateway. */
  static async open(browser: Browser, url: string, options: DashboardOptions = {}): Promise<DashboardPage> {
    const { width = 1280, colorScheme = 'light', withoutEvents = false } = options;
    const context = await browser.newContext({ viewport: { width, height: 800 }, colorScheme, reducedMotion: 'reduce' });
    const page = await context.newPage();
    if (withoutEvents) await page.route('**/api/v1/events*', (route) => route.fulfill({ status: 503, body: '' }));
    const dashboard = new DashboardPage(context, page, url);
    await page.goto(`${url}/`);
    return dashboard;
  }

  async signIn(token: string): Promise<void> {
    await this.page.getByLabel('Token').fill(token);
    await this.button('Sign in').click();
  }

  /** By its name in the address. */
  async visit(name: string): Promise<void> {
    await this.page.goto(`${this.#url}/#/${name}`);
  }

  /** Waits until these words can be read. */
  async says(text: string | RegExp): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor();
  }

  button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** Those of a list, in their order. */
  get rows(): Locator {
    return this.page.locator('main [data-row]');
  }

  /** Presses a button, and the same in the question that follows. */
  async confirm(name: string): Promise<void> {
    await this.button(name).first().click();
    await this.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();
  }

  /** Clicks on a link that saves a file; its content. */
  async download(name: string): Promise<Buffer> {
    const saved = this.page.waitForEvent('download');
    await this.page.getByRole('link', { name, exact: true }).click();
    return readFile(await (await saved).path());
  }

  /** What assistive software finds in the page, line by line. */
  async tree(): Promise<string[]> {
    return (await this.page.locator('body').ariaSnapshot()).split('\n');
  }

  /** How far the page is wider than its window. */
  overflowPx(): Promise<number> {
    return this.page.locator('html').evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth);
  }

  async close(): Promise<void> {
    await this.#context.close();
  }
}
