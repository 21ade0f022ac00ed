/** The softphone page in Chromium: against the demo, and against a gateway that hands out no account. */

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium } from '../support/chromium.ts';
import { DemoProcess } from '../support/demo-process.ts';
import { freeSipPort } from '../support/free-port.ts';
import { GatewayProcess, testDomain, testUser } from '../support/gateway-process.ts';
import { describeWith } from '../support/needs.ts';
import { SoftphonePage } from '../support/softphone-page.ts';

describeWith(['chromium'], 'the softphone page', () => {
  let browser: Browser;
  const pages: SoftphonePage[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  afterEach(async () => {
    const opened = pages.splice(0);
    const errors = opened.flatMap((page) => page.errors);
    await Promise.all(opened.map((page) => page.close()));
    expect(errors).toEqual([]);
  });

  async function open(url: string, options?: { refusedMicrophone: boolean }): Promise<SoftphonePage> {
    const page = await SoftphonePage.open(browser, url, options);
    pages.push(page);
    return page;
  }

  describe('of the demo', () => {
    let port: number;
    let demo: DemoProcess;

    beforeAll(async () => {
      port = await freeSipPort();
      demo = await DemoProcess.start(port);
    });
    afterAll(async () => {
      expect(await demo.stop(), demo.output).toEqual({ code: 0, signal: null });
    });

    async function ready(options?: { refusedMicrophone: boolean }): Promise<SoftphonePage> {
      const page = await open(demo.url, options);
      await page.says('Ready as demo');
      return page;
    }

    test('signs in, rings, talks, mutes, holds, and says how it ended', async () => {
      const page = await ready();
      await page.choose('600');
      await page.says('Ringing');
      await page.says('In call');
      await page.shows('Your level', 'sound');
      await page.shows('Level of the other side', 'sound');
      await page.says('PCMU');
      await page.click('Mute');
      await page.says('In call, muted');
      await page.shows('Your level', 'silence');
      await page.shows('Level of the other side', 'silence');
      await page.click('Mute');
      await page.click('Hold');
      await page.announces('On hold');
      await page.click('Hold');
      await page.says('In call');
      await page.shows('Level of the other side', 'sound');
      await page.click('Hang up');
      await page.announces('Call ended. It lasted 0:');
    });

    test('plays early media, then names the failure', async () => {
      const page = await ready();
      await page.call('486');
      await page.says('Not answered yet');
      await page.shows('Level of the other side', 'sound');
      await page.announces('Busy. The other side is on another call.');
    });

    test('is called back, answers, and hangs up', async () => {
      const page = await ready();
      await page.call('880');
      await page.says('In call');
      await page.click('Hang up');
      await page.page.getByRole('alertdialog', { name: 'Incoming call 880' }).waitFor();
      await page.click('Answer');
      await page.says('In call');
      await page.click('Hang up');
      await page.announces('Call ended.');
    });

    test('declines', async () => {
      const page = await ready();
      await page.call('880');
      await page.says('In call');
      await page.click('Hang up');
      await page.click('Decline');
      await page.announces('Call declined. From 880.');
    });

    test('sends the digits of the keyboard and of its own keys, as RFC 4733 events; the attendant plays each again', async () => {
      const page = await ready();
      await page.call('700');
      await page.says('In call');
      await page.shows('Level of the other side', 'silence');
      await page.page.keyboard.press('5');
      await page.shows('Level of the other side', 'sound');
      await page.shows('Level of the other side', 'silence');
      await page.click('star');
      await page.shows('Level of the other side', 'sound');
      await page.says('5*');
      expect(page.methods).toContain('INVITE');
      expect(page.methods).not.toContain('INFO');
    });

    test('dials by keys alone', async () => {
      const page = await ready();
      for (const key of ['6', '0', '0']) await page.click(key);
      await page.page.keyboard.press('Enter');
      await page.says('In call');
      await page.page.getByRole('button', { name: 'Hang up', exact: true }).focus();
      await page.page.keyboard.press('Enter');
      await page.announces('Call ended.');
    });

    test('gives up while it rings', async () => {
      const page = await ready();
      await page.call('600');
      await page.says('Ringing');
      expect(await page.colourOf('Hang up'), 'white on red: its styles come after those that it shares').toBe('rgb(255, 255, 255)');
      await page.click('Hang up');
      await page.announces('Call cancelled.');
    });

    test('says that a number is unknown', async () => {
      const page = await ready();
      await page.call('555');
      await page.announces('Unknown number.');
    });

    test('says that the microphone was refused', async () => {
      const page = await ready({ refusedMicrophone: true });
      await page.call('600');
      await page.announces('Microphone refused.');
    });

    test('has a name on every control', async () => {
      const page = await ready();
      const tree = await page.page.locator('body').ariaSnapshot();
      const nameless = tree.split('\n').filter((line) => /- (button|textbox|combobox|dialog|meter)(:|$| \[)/.test(line));
      expect(nameless).toEqual([]);
    });

    test('fits the smallest of screens', async () => {
      const page = await ready();
      await page.page.setViewportSize({ width: 320, height: 568 });
      expect(await page.overflowPx()).toBe(0);
      await page.call('1004');
      await page.says('PCMU');
      expect(await page.overflowPx()).toBe(0);
    });

    test('finds the demo again after it was started anew, with another password', async () => {
      const page = await ready();
      await demo.stop();
      await page.says('No connection. Trying again');
      demo = await DemoProcess.start(port);
      await page.says('Ready as demo');
      await page.call('1004');
      await page.shows('Level of the other side', 'sound');
      page.forgiveErrors();
    });
  });

  describe('of a gateway that hands out no account', () => {
    let gateway: GatewayProcess;

    beforeAll(async () => {
      const trunk = { host: '127.0.0.1', port: 9 };
      gateway = await GatewayProcess.start({ trunk, origins: [], config: { web: { softphone: true } } });
    });
    afterAll(() => gateway.stop());

    test('asks for name and password, and says when they are wrong', async () => {
      const page = await open(gateway.url.replace('ws:', 'http:').replace('/sip', '/phone'));
      await page.signIn({ Name: testUser.name, Password: 'wrong', Domain: testDomain });
      await page.says('Name, password or domain is wrong.');
      await page.signIn({ Name: testUser.name, Password: testUser.password, Domain: testDomain });
      await page.says(`Ready as ${testUser.name}`);
    });
  });
});
