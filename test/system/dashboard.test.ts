/** The dashboard in Chromium, while real calls go through the gateway. */

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { type DashboardOptions, DashboardPage, dashboardPages } from '../support/dashboard-page.ts';
import { DemoProcess } from '../support/demo-process.ts';
import { freeSipPort } from '../support/free-port.ts';
import { describeWith } from '../support/needs.ts';
import { SoftphonePage } from '../support/softphone-page.ts';
import { until } from '../support/until.ts';

describeWith(['chromium'], 'the dashboard', () => {
  let browser: Browser;
  let demo: DemoProcess;
  let origin: string;
  const opened: { errors: readonly string[]; close(): Promise<void> }[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    demo = await DemoProcess.start(await freeSipPort());
    origin = new URL(demo.url).origin;
  });
  afterAll(async () => {
    await browser.close();
    expect(await demo.stop(), demo.output).toEqual({ code: 0, signal: null });
  });
  afterEach(async () => {
    const pages = opened.splice(0);
    const errors = pages.flatMap((page) => page.errors);
    await Promise.all(pages.map((page) => page.close()));
    expect(errors).toEqual([]);
  });

  async function dashboard(options?: DashboardOptions): Promise<DashboardPage> {
    const page = await DashboardPage.open(browser, origin, options);
    opened.push(page);
    return page;
  }

  async function phone(): Promise<SoftphonePage> {
    const page = await SoftphonePage.open(browser, demo.url);
    opened.push(page);
    await page.says('Ready as demo');
    return page;
  }

  /** Ends what an earlier test left, so that one call is the call. */
  async function calls(number: string): Promise<SoftphonePage> {
    const page = await phone();
    await until('earlier calls to be over', async () => {
      const answer = await fetch(`${origin}/api/v1/calls`);
      return ((await answer.json()) as { calls: unknown[] }).calls.length === 0;
    });
    await page.call(number);
    return page;
  }

  describe('shows a call', () => {
    test('from its first ring to its record, and ends it by a button', async () => {
      const page = await dashboard();
      await page.says('No calls right now.');
      const softphone = await calls('600');
      await page.says('Ringing');
      await page.says('Talking');
      await page.rows.first().click();
      await page.page.getByRole('heading', { name: 'demo to 600', level: 1 }).waitFor();
      await page.says('PCMU');
      await page.confirm('Hang up');
      await softphone.announces('They hung up.');
      await page.says('Ended: operator (gateway)');
      expect(await page.button('Hang up').count()).toBe(0);
      await page.visit('records');
      await page.says('operator');
      await page.rows.first().click();
      await page.says('an operator hung up');
    });

    test('as a ladder: INVITE, answer and ACK on both legs, milestones between', async () => {
      const page = await dashboard();
      await calls('1004');
      await page.says('Talking');
      await page.rows.first().click();
      await page.says('DTLS connected');
      await page.says(/^Audio began/);
      const messages = await page.page
        .locator('.ladder button')
        .evaluateAll((all) => all.map((row) => row.getAttribute('aria-label') ?? ''));
      const steps = [
        'INVITE from the browser',
        'INVITE to the trunk',
        '200 OK from the trunk',
        '200 OK to the browser',
        'ACK from the browser',
      ];
      const found = steps.map((step) => {
        const [title = '', side = ''] = step.split(/ (?=from|to)/);
        return messages.findIndex((label) => label.startsWith(title) && label.includes(side));
      });
      expect(found).not.toContain(-1);
      expect(found).toEqual([...found].sort((a, b) => a - b));
      expect(messages.some((label) => label.startsWith('ACK') && label.includes('to the trunk'))).toBe(true);
    });

    test('with what became of its description on the way', async () => {
      const page = await dashboard();
      await calls('1004');
      await page.says('Talking');
      await page.rows.first().click();
      await page.page.getByRole('button', { name: /^INVITE .* to the trunk/ }).click();
      await page.says('CSeq: 1 INVITE');
      await page.button('SDP before and after').click();
      const changes = page.page.getByRole('list', { name: 'Changes of the description' });
      await changes.getByText('removed: a=fingerprint:sha-256').waitFor();
      await changes.getByText(/^added: m=audio \d+ RTP\/AVP/).waitFor();
      await page.page.keyboard.press('Escape');
      await page.page.getByRole('button', { name: /^200 OK INVITE to the browser/ }).click();
      await page.button('SDP before and after').click();
      await changes
        .getByText(/^added: a=candidate/)
        .first()
        .waitFor();
    });

    test('with its quality over time', async () => {
      const page = await dashboard();
      await calls('1004');
      await page.says('Talking');
      await page.rows.first().click();
      await page.page.locator('.chart canvas').first().waitFor();
      for (const title of ['Loss', 'Jitter', 'Bitrate', 'MOS']) await page.page.getByRole('figure').filter({ hasText: title }).waitFor();
      await until('the bitrate of G.711', async () => {
        const text = (await page.page.getByRole('figure').filter({ hasText: 'Bitrate' }).textContent()) ?? '';
        return /From trunk 6\d/.test(text);
      });
    });

    test('as files: text, capture, and all records as CSV', async () => {
      const page = await dashboard();
      await calls('1004');
      await page.says('Talking');
      await page.rows.first().click();
      expect((await page.download('Text')).toString()).toContain('INVITE sip:1004@');
      // The section header block of pcapng.
      expect((await page.download('pcapng')).readUInt32LE(0)).toBe(0x0a0d0d0a);
      await page.visit('records');
      expect((await page.download('CSV')).toString()).toContain('600');
    });

    test('where no events come through, by asking', async () => {
      const page = await dashboard({ withoutEvents: true });
      await page.says('Every 2 s');
      await calls('600');
      await page.says('Talking');
    });
  });

  describe('finds', () => {
    test('calls by a filter', async () => {
      const page = await dashboard();
      await calls('600');
      await page.says('Talking');
      await page.page.keyboard.press('/');
      await page.page.keyboard.type('demo 60');
      expect(await page.rows.count()).toBe(1);
      await page.page.keyboard.type('1');
      await page.says('No call matches.');
      await page.page.keyboard.press('Escape');
      await page.rows.first().waitFor();
    });

    test('records by number and end', async () => {
      const page = await dashboard();
      const softphone = await calls('486');
      await softphone.announces('Busy.');
      await page.visit('records');
      await page.page.getByLabel('Number').fill('486');
      await page.page.getByLabel('Number').press('Enter');
      await page.page.getByLabel('How it ended').selectOption('busy');
      await until('one record', async () => (await page.rows.count()) === 1 && page.page.url().includes('cause=busy'));
      await page.page.getByLabel('Number').fill('999');
      await page.button('Search').click();
      await page.says('No record matches.');
    });
  });

  test('is used by keys alone', async () => {
    const page = await dashboard();
    await calls('600');
    await page.says('Talking');
    await page.page.keyboard.press('j');
    await page.page.keyboard.press('Enter');
    await page.page.getByRole('heading', { name: 'demo to 600' }).waitFor();
    await page.rows.first().waitFor();
    await page.page.keyboard.press('j');
    await page.page.keyboard.press('j');
    await page.page.keyboard.press('Enter');
    expect(await page.page.locator('.ladder [aria-expanded=true]').count()).toBe(1);
    await page.page.keyboard.press('Escape');
    expect(await page.page.locator('.ladder [aria-expanded=true]').count()).toBe(0);
    await page.page.keyboard.press('Escape');
    await page.page.getByRole('heading', { name: 'Live calls' }).waitFor();
  });

  test('runs the gateway: tests a trunk, takes it out of use and back, removes a registration', async () => {
    const page = await dashboard();
    await phone();
    await page.visit('trunks');
    await page.button('Test demo').click();
    await page.says(/^200 after \d+ ms$/);
    await page.confirm('Disable');
    await page.says('Disabled');
    await page.button('Enable').click();
    await page.says('In use');
    await page.visit('registrations');
    const connected = page.page.getByRole('row').filter({ hasText: 'Connected' });
    await connected.getByRole('button', { name: 'Remove' }).click();
    await page.page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await connected.waitFor({ state: 'detached' });
  });

  test('tells events as they happen, until it is told to pause', async () => {
    const page = await dashboard();
    await page.says('Live');
    await page.visit('events');
    await phone();
    await page.says('registration.added');
    await page.button('Pause').click();
    await calls('486');
    await page.button('Go on').click();
    await page.says('call.started');
    await page.page.getByLabel('Filter events').fill('registration');
    await until('calls to be left out', async () => (await page.page.getByText('call.started').count()) === 0);
  });

  test('shows the node and its settings, secrets hidden', async () => {
    const page = await dashboard();
    await page.visit('node');
    await page.says('Relay threads');
    await page.says(/of 5000/);
    await page.visit('configuration');
    await page.page.getByLabel('Filter settings').fill('users[0].password');
    await until('one setting', async () => (await page.rows.count()) === 1);
    await page.says('(hidden)');
  });

  test('has a name on every control, and landmarks', async () => {
    const page = await dashboard();
    await calls('600');
    await page.says('Talking');
    const { callId } = ((await (await fetch(`${origin}/api/v1/calls`)).json()) as { calls: { callId: string }[] }).calls[0] ?? {
      callId: '',
    };
    for (const name of [...dashboardPages, `calls/${callId}`]) {
      await page.visit(name);
      await page.page.getByRole('heading', { level: 1 }).waitFor();
      const tree = await page.tree();
      const nameless = tree.filter((line) =>
        /- (button|link|textbox|searchbox|checkbox|combobox|dialog|meter|table|list|region)(:|$| \[)/.test(line),
      );
      expect(
        nameless.filter((line) => !/- (table|list)\b/.test(line)),
        name,
      ).toEqual([]);
      for (const landmark of ['banner', 'main', 'navigation'])
        expect(
          tree.some((line) => line.includes(`- ${landmark}`)),
          landmark,
        ).toBe(true);
    }
  });

  test('fits small screens', async () => {
    const page = await dashboard({ width: 360, colorScheme: 'dark' });
    await calls('1004');
    await page.says('Talking');
    expect(await page.overflowPx()).toBe(0);
    await page.rows.first().click();
    await page.says(/^Audio began/);
    expect(await page.overflowPx()).toBe(0);
    for (const name of dashboardPages) {
      await page.visit(name);
      await page.page.getByRole('heading', { level: 1 }).waitFor();
      expect(await page.overflowPx(), name).toBe(0);
    }
  });
});
