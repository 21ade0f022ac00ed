/** The dashboard before whoever has no token, and before names that want to be more than names. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Child } from '../support/child.ts';
import { launchChromium } from '../support/chromium.ts';
import { DashboardPage, dashboardPages } from '../support/dashboard-page.ts';
import { GatewayProcess, testDomain } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { phoneOptions, phoneOrigin } from '../support/phone-stage.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { until } from '../support/until.ts';
import { WebSocketPhone } from '../support/websocket-phone.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** Markup with a handler, a direction turned round, and ten thousand letters. */
const markup = '<img src=x onerror=globalThis.caught=1>';
const hostile = `${markup}\u202egnp.exe${'A'.repeat(10_000)}`;

describeWith(['chromium'], 'the dashboard', () => {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-'));
  let browser: Browser;
  let trunk: TrunkPeer;
  let gateway: GatewayProcess;
  let origin: string;
  const opened: DashboardPage[] = [];

  beforeAll(async () => {
    [browser, trunk] = await Promise.all([launchChromium(), TrunkPeer.open()]);
    gateway = await GatewayProcess.start({
      trunk: trunk.address,
      origins: [phoneOrigin],
      config: { store: { path: join(folder, 'offhook.db') } },
    });
    origin = `http://${gateway.listeners.http.host}:${gateway.listeners.http.port}`;
  });
  afterAll(async () => {
    await browser.close();
    trunk.close();
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    const pages = opened.splice(0);
    const errors = pages.flatMap((page) => page.errors);
    await Promise.all(pages.map((page) => page.close()));
    expect(errors).toEqual([]);
  });

  async function dashboard(width = 1280): Promise<DashboardPage> {
    const page = await DashboardPage.open(browser, origin, { width });
    opened.push(page);
    return page;
  }

  async function isInert(page: DashboardPage): Promise<void> {
    expect(await page.page.evaluate('[document.images.length, document.scripts.length, typeof globalThis.caught]')).toEqual([
      0,
      1,
      'undefined',
    ]);
    expect(await page.page.locator('main').textContent()).not.toContain('\u202e');
    expect(await page.overflowPx()).toBe(0);
  }

  describe('takes hostile text for text', () => {
    test('of a registered program', async () => {
      const phone = await WebSocketPhone.connect(phoneOptions(gateway));
      const contact: [string, string] = ['Contact', '<sip:a@a.invalid;transport=ws>;expires=300'];
      await phone.request({ method: 'REGISTER', uri: `sip:${testDomain}`, fields: [contact, ['User-Agent', hostile]] });
      const page = await dashboard();
      await page.visit('registrations');
      await page.says(markup);
      await isInert(page);
      await page.visit('events');
      await isInert(page);
      await phone.close();
    });

    test.each([1280, 360])('of a caller, in every place where it can be seen, on a screen of %i', async (width) => {
      const phone = await WebSocketPhone.registered(phoneOptions(gateway));
      const page = await dashboard(width);
      await page.says('No calls right now.');
      const from = `${encodeURIComponent(markup)}%E2%80%AEgnp.exe${'A'.repeat(10_000)}`;
      const call = await trunk.call(gateway.listeners.udp, 'alice', { from, extra: [['Subject', hostile]] });
      // What is no telephone number is none for the gateway.
      await page.says('anonymous');
      await isInert(page);
      await page.rows.first().click();
      const invite = page.page.getByRole('button', { name: /^INVITE .* from the trunk/ });
      await invite.click();
      await page.says(/Subject: <img src=x/);
      await isInert(page);
      call.cancel();
      await page.says(/^Ended: cancelled/);
      for (const name of dashboardPages) {
        await page.visit(name);
        await page.page.getByRole('heading', { level: 1 }).waitFor();
        await isInert(page);
      }
      await phone.close();
    });

    test.each([1280, 360])('even if the gateway let it through, on a screen of %i', async (width) => {
      const page = await dashboard(width);
      const call = { callId: 'c1', direction: 'inbound', user: hostile, number: hostile, trunk: hostile, codec: hostile };
      const times = { state: 'early', invitedAt: Date.now(), answeredAt: null, mos: null };
      await page.page.route('**/api/v1/calls', (route) => route.fulfill({ json: { calls: [{ ...call, ...times }] } }));
      await page.page.reload();
      await page.says(/^<img src=x/);
      await isInert(page);
    });

    test('of a trunk that refuses', async () => {
      const phone = await WebSocketPhone.registered(phoneOptions(gateway));
      trunk.onCall = (call) => call.reject(486, hostile.slice(0, 2000));
      const page = await dashboard();
      await page.says('No calls right now.');
      await phone.call('600');
      await page.visit('records');
      await page.page.getByLabel('Number').fill('600');
      await page.button('Search').click();
      await until('the record', async () => (await page.rows.count()) === 1);
      await page.rows.first().click();
      await page.page
        .getByRole('button', { name: /^486 <img src=x/ })
        .first()
        .click();
      await isInert(page);
      await phone.close();
    });
  });

  describe('once there are tokens', () => {
    let admin: string;
    let reader: string;

    beforeAll(async () => {
      [admin, reader] = [await makeToken('admin'), await makeToken('read')];
      await until('the gateway to know of them', async () => (await fetch(`${origin}/api/v1/session`)).status === 401);
    });

    /** What `offhook token` prints. */
    async function makeToken(role: string): Promise<string> {
      const env = { ...process.env, OFFHOOK_STORE_PATH: join(folder, 'offhook.db') };
      const child = new Child(process.execPath, [main, 'token', 'create', '--name', role, '--role', role], { env });
      await child.exited;
      return child.output.split('\n')[0] ?? '';
    }

    test('asks for one, refuses a wrong one, and forgets it on signing out', async () => {
      const page = await dashboard();
      await page.signIn('wrong');
      await page.says('This token is not valid.');
      await page.signIn(admin);
      await page.says('No calls right now.');
      await page.says('Live');
      await page.page.reload();
      await page.says('No calls right now.');
      await page.button('Sign out').click();
      await page.says('Sign in');
      await page.page.reload();
      await page.says('Sign in');
    });

    test('offers a reader nothing that changes something, and files all the same', async () => {
      const page = await dashboard();
      await page.signIn(reader);
      await page.says('No calls right now.');
      await page.visit('trunks');
      await page.says('carrier');
      expect(await page.button(/^(Test|Disable)/).count()).toBe(0);
      await page.visit('records');
      expect((await page.download('CSV')).toString()).toContain('600');
    });
  });
});
