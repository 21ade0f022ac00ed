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
import { pause } from './until.ts';

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
/** A busy machine starves Chromium's own audio now and then; a fault of the gateway shows every time. */
const attempts = 4;

/** Both ends talk at once and hear each other: frequency, level, no trace of themselves, no gap. */
export async function expectTonesBothWays(phone: BrowserPhone, call: TrunkCall): Promise<void> {
  call.rtp.sendTone({ frequencyHz: trunkHz, levelDbfs: toneDbfs });
  await phone.record(settleSec);
  let complaints: string[] = [];
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const begin = performance.now();
    const inBrowser = await phone.record(listenSec);
    const atTrunk = { samples: call.rtp.heard(begin), rate: 8000 };
    complaints = [
      ...toneComplaints('the browser', inBrowser, { wantedHz: trunkHz, ownHz: browserHz }),
      ...toneComplaints('the trunk', atTrunk, { wantedHz: browserHz, ownHz: trunkHz }),
    ];
    if (complaints.length === 0) return;
  }
  expect(complaints).toEqual([]);
}

function toneComplaints(who: string, { samples, rate }: Heard, { wantedHz, ownHz }: { wantedHz: number; ownHz: number }): string[] {
  const { frequencyHz, levelDbfs, rejectionDb, longestGapMs } = measureTone(samples, rate, ownHz);
  const seconds = samples.length / rate;
  const rules: ReadonlyArray<readonly [boolean, string]> = [
    [seconds > listenSec * 0.95, `only ${seconds} s`],
    [Math.abs(frequencyHz - wantedHz) <= 2, `${frequencyHz} Hz`],
    [Math.abs(levelDbfs - toneDbfs) <= 1, `${levelDbfs} dBFS`],
    [rejectionDb >= 40, `itself only ${rejectionDb} dB below`],
    [longestGapMs <= 60, `a gap of ${longestGapMs} ms`],
  ];
  return rules.flatMap(([kept, what]) => (kept ? [] : [`${who} heard ${what}`]));
}

/** Nothing of the browser reached the trunk: headers, SDP, RTP. */
export function expectCleanTrunk(call: TrunkCall): void {
  expect(call.received.flatMap(sipComplaints)).toEqual([]);
  expect(rtpComplaints(call.rtp.packets)).toEqual([]);
}

/** No audio reaches the trunk any more. */
export async function expectSilence(call: TrunkCall): Promise<void> {
  await pause(200);
  const before = call.rtp.packets.length;
  await pause(500);
  expect(call.rtp.packets.length).toBe(before);
}
