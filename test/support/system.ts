/** The stage of a system test: a browser phone, the built gateway, a trunk of our own, opened and closed together. */

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { BrowserPhone, type Heard, launchChromium } from './chromium.ts';
import { type GatewayOptions, GatewayProcess, testDomain, testUser } from './gateway-process.ts';
import { type Library, PageServer } from './page-server.ts';
import { measureTone } from './tone-meter.ts';
import type { TrunkCall } from './trunk-call.ts';
import { rtpComplaints, sipComplaints } from './trunk-cleanliness.ts';
import { TrunkPeer } from './trunk-peer.ts';

/** What each end sends. */
export const browserHz = 620;
export const trunkHz = 1004;
export const toneDbfs = -10;

export interface StageOptions extends Omit<GatewayOptions, 'trunk' | 'origins'> {
  readonly library: Library;
}

export class Stage {
  readonly #options: StageOptions;
  readonly #phones: BrowserPhone[] = [];
  #parts: { pages: PageServer; trunk: TrunkPeer; gateway: GatewayProcess; browser: Browser } | undefined;

  constructor(options: StageOptions) {
    this.#options = options;
  }

  get trunk(): TrunkPeer {
    return this.#opened.trunk;
  }

  get gateway(): GatewayProcess {
    return this.#opened.gateway;
  }

  async open(): Promise<void> {
    const { library, ...options } = this.#options;
    const [pages, trunk] = await Promise.all([PageServer.open(library), TrunkPeer.open()]);
    const gateway = await GatewayProcess.start({ ...options, trunk: trunk.address, origins: [pages.origin] });
    const browser = await launchChromium(gateway.certificate ? [gateway.certificate.spkiPin] : []);
    this.#parts = { pages, trunk, gateway, browser };
  }

  /** A registered phone in a page of its own. */
  async phone(options?: { microphone?: boolean }): Promise<BrowserPhone> {
    const { browser, pages, gateway } = this.#opened;
    const phone = await BrowserPhone.open(browser, pages, options);
    this.#phones.push(phone);
    const { name: user, password } = testUser;
    const url = this.#options.secure ? gateway.secureUrl : gateway.url;
    await phone.start({ url, user, password, domain: testDomain, toneHz: browserHz, levelDbfs: toneDbfs });
    return phone;
  }

  async closePhones(): Promise<void> {
    await Promise.all(this.#phones.splice(0).map((phone) => phone.close()));
  }

  async close(): Promise<void> {
    if (!this.#parts) return;
    const { pages, trunk, gateway, browser } = this.#parts;
    await browser.close();
    const exit = await gateway.stop();
    trunk.close();
    await pages.close();
    expect(exit, gateway.output).toEqual({ code: 0, signal: null });
  }

  get #opened(): { pages: PageServer; trunk: TrunkPeer; gateway: GatewayProcess; browser: Browser } {
    if (!this.#parts) throw new Error('the stage is not open');
    return this.#parts;
  }
}

/** Opens a stage before the tests of a suite, closes phones after each and all after the last. */
export function useStage(options: StageOptions): Stage {
  const stage = new Stage(options);
  beforeAll(() => stage.open(), 60_000);
  afterEach(() => stage.closePhones());
  afterAll(() => stage.close(), 30_000);
  return stage;
}

/** How long each end listens, in seconds; the first moments of a call are left out. */
const listenSec = 2;
const settleSec = 0.5;

/** Both ends talk at once and hear each other: frequency, level, no trace of themselves, no gap. */
export async function expectTonesBothWays(phone: BrowserPhone, call: TrunkCall): Promise<void> {
  call.rtp.sendTone({ frequencyHz: trunkHz, levelDbfs: toneDbfs });
  await phone.record(settleSec);
  const begin = performance.now();
  const inBrowser = await phone.record(listenSec);
  expectTone(inBrowser, { heardHz: trunkHz, ownHz: browserHz });
  expectTone({ samples: call.rtp.heard(begin), rate: 8000 }, { heardHz: browserHz, ownHz: trunkHz });
}

function expectTone({ samples, rate }: Heard, { heardHz, ownHz }: { heardHz: number; ownHz: number }): void {
  const report = measureTone(samples, rate, ownHz);
  expect(samples.length / rate).toBeGreaterThan(listenSec * 0.95);
  expect(Math.abs(report.frequencyHz - heardHz), `heard ${report.frequencyHz} Hz`).toBeLessThanOrEqual(2);
  expect(Math.abs(report.levelDbfs - toneDbfs), `level ${report.levelDbfs} dBFS`).toBeLessThanOrEqual(1);
  expect(report.rejectionDb).toBeGreaterThanOrEqual(40);
  expect(report.longestGapMs).toBeLessThanOrEqual(60);
}

/** Nothing of the browser reached the trunk: headers, SDP, RTP. */
export function expectCleanTrunk(call: TrunkCall): void {
  expect(call.received.flatMap(sipComplaints)).toEqual([]);
  expect(rtpComplaints(call.rtp.packets)).toEqual([]);
}
