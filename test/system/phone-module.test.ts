/** `offhook/phone` in Chromium, against the demo's gateway and its telephone network. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { DemoProcess } from '../support/demo-process.ts';
import { freeSipPort } from '../support/free-port.ts';
import { describeWith } from '../support/needs.ts';
import { PhoneClassPage } from '../support/phone-class-page.ts';
import { SoftphonePage } from '../support/softphone-page.ts';
import { TcpGate } from '../support/tcp-gate.ts';
import { until } from '../support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documentation = readFileSync(join(root, 'docs/phone.md'), 'utf8');

interface Account {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
}

describeWith(['chromium'], 'offhook/phone', () => {
  let browser: Browser;
  let demo: DemoProcess;
  let gate: TcpGate;
  let origin: string;
  let account: Account;
  const pages: SoftphonePage[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
    const port = await freeSipPort();
    demo = await DemoProcess.start(port);
    gate = await TcpGate.open({ host: '127.0.0.1', port });
    origin = `localhost:${gate.port}`;
    account = (await (await fetch(`http://localhost:${port}/phone/config.json`)).json()) as Account;
  });
  afterAll(async () => {
    await browser.close();
    gate.close();
    await demo.stop();
  });
  afterEach(async () => {
    const opened = pages.splice(0);
    const errors = opened.flatMap((page) => page.errors);
    await Promise.all(opened.map((page) => page.close()));
    expect(errors).toEqual([]);
  });

  async function open(html: string): Promise<SoftphonePage> {
    const page = await SoftphonePage.open(browser, `http://${origin}/example.html`, { html });
    pages.push(page);
    return page;
  }

  describe('the element', () => {
    /** The documentation's page, with this gateway and this account in the place of its own. */
    function example(attributes = ''): string {
      const [, html = ''] = /^```html\n(<!doctype html>[\s\S]*?)^```$/m.exec(documentation) ?? [];
      expect(html.trim().split('\n').length).toBeLessThan(20);
      return html
        .replaceAll('https://gateway.example.com', `http://${origin}`)
        .replaceAll('wss://gateway.example.com', `ws://${origin}`)
        .replace('user="alice"', `user="${account.user}" ${attributes}`)
        .replace('password="secret"', `password="${account.password}"`)
        .replace('domain="example.com"', `domain="${account.domain}"`);
    }

    test('on the page of the documentation registers, calls the echo, is heard, sends digits, mutes, holds and hangs up', async () => {
      const page = await open(example());
      await page.says('Ready as demo');
      await page.call('600');
      await page.says('Ringing');
      await page.says('In call');
      const heard = (): Promise<number> => page.page.locator('offhook-phone').evaluate(energyHeard);
      await until('the echo', async () => (await heard()) > 1e-4, 15_000);
      await page.click('Keypad');
      await page.click('star');
      await page.page.keyboard.press('5');
      await page.says('*5');
      await page.click('Mute');
      await page.announces('In call, muted');
      await page.click('Mute');
      await page.click('Hold');
      await page.announces('On hold');
      await page.click('Hold');
      await page.says('In call');
      await page.click('Hang up');
      await page.announces('Call ended. It lasted 0:');
      expect(page.methods).not.toContain('INFO');
    });

    test('is called, and takes the call', async () => {
      const page = await open(example());
      await page.says('Ready as demo');
      await page.call('880');
      await page.says('In call');
      await page.click('Hang up');
      await page.says('Incoming call');
      await page.click('Answer');
      await page.says('In call');
      await page.click('Hang up');
      await page.announces('Call ended.');
    });

    test('sends digits as INFO where the page says so, and tells its events to the page', async () => {
      const page = await open(example('dtmf="info"'));
      await page.says('Ready as demo');
      const ended = page.page.locator('offhook-phone').evaluate(nextEnd);
      await page.call('700');
      await page.says('In call');
      await page.page.keyboard.press('7');
      await until('INFO', () => page.methods.includes('INFO'));
      await page.click('Hang up');
      expect(await ended).toMatchObject({ number: '700', incoming: false, status: null, cause: { tone: 'calm', title: 'Call ended' } });
    });

    test('says that the password is wrong, and registers when the page sets another', async () => {
      const page = await open(example().replace(account.password, 'wrong'));
      await page.says('Wrong name or password');
      await page.page.locator('offhook-phone').evaluate((element, right) => Object.assign(element, { password: right }), account.password);
      await page.says('Ready as demo');
    });

    test('has a name on every control, and fits the smallest of screens', async () => {
      const page = await open(example());
      await page.says('Ready as demo');
      await page.page.setViewportSize({ width: 320, height: 568 });
      expect(await page.overflowPx()).toBe(0);
      const tree = await page.page.locator('body').ariaSnapshot();
      expect(tree.split('\n').filter((line) => /- (button|textbox|combobox|group|region)(:|$| \[)/.test(line))).toEqual([]);
    });
  });

  describe('the class', () => {
    async function phone(options: { dtmf?: string } = {}): Promise<PhoneClassPage> {
      const page = await open('<!doctype html><title>phone</title>');
      return PhoneClassPage.start(page.page, { url: `ws://${origin}/sip`, ...options }, account);
    }

    test('calls, hears early media, and names the failure', async () => {
      const caller = await phone();
      await caller.do('dial', '486');
      await caller.experiences('early-media');
      await caller.hears();
      expect(await caller.experiences('failed')).toMatchObject({ number: '486', status: 486, cause: { title: 'Busy' }, durationMs: 0 });
      expect((await caller.events()).map(({ name }) => name)).toEqual(['registered', 'early-media', 'failed']);
    });

    test('tells the quality of a call, holds and resumes it', async () => {
      const caller = await phone();
      await caller.do('dial', '600');
      await caller.experiences('ringing');
      await caller.experiences('connected');
      expect(await caller.experiences('quality')).toMatchObject({ rating: 'good', codec: 'PCMU' });
      await caller.do('hold', true);
      expect(await caller.experiences('held')).toEqual({ byUs: true, byThem: false });
      await caller.do('hold', false);
      expect(await caller.experiences('held', 2)).toEqual({ byUs: false, byThem: false });
      await caller.hears();
      await caller.do('hangUp');
      expect(await caller.experiences('ended')).toMatchObject({ number: '600', cause: { title: 'Call ended' } });
    });

    test('declines a call', async () => {
      const called = await phone();
      await called.do('dial', '880');
      await called.experiences('connected');
      await called.do('hangUp');
      expect(await called.experiences('incoming')).toEqual({ number: '880', name: '', incoming: true });
      await called.do('hangUp');
      expect(await called.experiences('ended', 2)).toMatchObject({ incoming: true, cause: { title: 'Call declined' } });
    });

    test('registers again after its WebSocket is cut, and the call goes on meanwhile', async () => {
      const caller = await phone();
      await caller.do('dial', '600');
      await caller.experiences('connected');
      gate.slam();
      expect(await caller.experiences('unregistered')).toEqual({ reason: 'lost' });
      await caller.hears();
      await caller.experiences('registered', 2);
      await caller.hears();
      await caller.do('hangUp');
      expect(await caller.experiences('ended')).toMatchObject({ cause: { title: 'Call ended' } });
    });

    test('restarts ICE when the network changes, and the call lives on', async () => {
      const caller = await phone();
      await caller.do('dial', '600');
      await caller.experiences('connected');
      const before = await caller.iceSession();
      await caller.changesNetwork();
      await until('another ICE session', async () => (await caller.iceSession()) !== before);
      await caller.hears();
      await caller.do('mute', true);
      await caller.do('hangUp');
      expect(await caller.experiences('ended')).toMatchObject({ cause: { title: 'Call ended' } });
    });

    test('restarts ICE after the connection is back, when the network changed while there was none', async () => {
      const caller = await phone();
      await caller.do('dial', '600');
      await caller.experiences('connected');
      const before = await caller.iceSession();
      gate.slam();
      await caller.experiences('unregistered');
      await caller.changesNetwork();
      await caller.experiences('registered', 2);
      await until('another ICE session', async () => (await caller.iceSession()) !== before);
      await caller.hears();
      await caller.do('hangUp');
      await caller.experiences('ended');
    });
  });

  test('the file is served to pages of every origin', async () => {
    const response = await fetch(`http://${origin}/phone/offhook-phone.js`);
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, '*']);
  });
});

function energyHeard(element: unknown): Promise<number> {
  const { phone } = element as { phone: { connection: { getStats(): Promise<Map<string, { type: string; totalAudioEnergy?: number }>> } } };
  return phone.connection.getStats().then((stats) => [...stats.values()].find(({ type }) => type === 'inbound-rtp')?.totalAudioEnergy ?? 0);
}

function nextEnd(element: unknown): Promise<unknown> {
  const target = element as { addEventListener(name: string, listener: (event: { detail: unknown }) => void): void };
  return new Promise((done) => target.addEventListener('ended', ({ detail }) => done(detail)));
}

describe('for a bundler', () => {
  const folder = mkdtempSync(join(tmpdir(), 'offhook-bundle-'));
  const entry = join(folder, 'main.ts');
  beforeAll(() => {
    mkdirSync(join(folder, 'node_modules'));
    symlinkSync(root, join(folder, 'node_modules', 'offhook'));
    const [, script = ''] = /^```ts\n([\s\S]*?)^```$/m.exec(documentation) ?? [];
    writeFileSync(entry, script);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("the documentation's script has types, of its own and no other package's", () => {
    const options = {
      module: 'esnext',
      moduleResolution: 'bundler',
      target: 'es2023',
      lib: ['es2023', 'dom'],
      types: [],
      strict: true,
      noEmit: true,
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['main.ts'] }));
    execFileSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', folder], { stdio: 'pipe' });
  });

  test('is found by its name', async () => {
    const result = await build({
      configFile: false,
      root: folder,
      logLevel: 'silent',
      build: { write: false, lib: { entry, formats: ['es'] } },
    });
    const [output] = [result].flat();
    expect(output && 'output' in output ? output.output.map(({ fileName }) => fileName) : []).toHaveLength(1);
  });
});
