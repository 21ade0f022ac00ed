/** The stage of a system test: browser phones, the built gateway, a trunk of our own, opened and closed together. */

import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { BrowserPhone, launchChromium } from './chromium.ts';
import { type GatewayOptions, GatewayProcess, testDomain, testUser } from './gateway-process.ts';
import { type Library, PageServer } from './page-server.ts';
import { browserHz, toneDbfs } from './system.ts';
import type { TcpGate } from './tcp-gate.ts';
import { TrunkPeer } from './trunk-peer.ts';
import { until } from './until.ts';

export interface PhoneKind {
  readonly name: string;
  readonly library: Library;
  readonly secure: boolean;
}

export const jssip: PhoneKind = { name: 'JsSIP over wss', library: 'jssip', secure: true };
export const sipjs: PhoneKind = { name: 'SIP.js over wss', library: 'sipjs', secure: true };

/** Where the way of the signalling makes no difference. */
export const libraries: readonly PhoneKind[] = [jssip, sipjs];

export const phoneKinds: readonly PhoneKind[] = [
  { ...jssip, name: 'JsSIP over ws', secure: false },
  jssip,
  { ...sipjs, name: 'SIP.js over ws', secure: false },
  sipjs,
];

export interface StagePhoneOptions {
  readonly user?: { readonly name: string; readonly password: string };
  readonly toneHz?: number;
  /** What its signalling goes through. */
  readonly gate?: TcpGate;
  readonly microphone?: boolean;
}

interface Parts {
  readonly pages: Readonly<Record<Library, PageServer>>;
  readonly trunk: TrunkPeer;
  readonly gateway: GatewayProcess;
  readonly browser: Browser;
}

export class Stage {
  readonly #options: Partial<GatewayOptions>;
  readonly #phones: BrowserPhone[] = [];
  #parts: Parts | undefined;

  constructor(options: Partial<GatewayOptions>) {
    this.#options = options;
  }

  get trunk(): TrunkPeer {
    return this.#opened.trunk;
  }

  get gateway(): GatewayProcess {
    return this.#opened.gateway;
  }

  async open(): Promise<void> {
    const [jssip, sipjs, trunk] = await Promise.all([PageServer.open('jssip'), PageServer.open('sipjs'), TrunkPeer.open()]);
    const origins = [jssip.origin, sipjs.origin];
    const gateway = await GatewayProcess.start({ secure: true, trunk: trunk.address, origins, ...this.#options });
    const browser = await launchChromium(gateway.certificate ? [gateway.certificate.spkiPin] : []);
    this.#parts = { pages: { jssip, sipjs }, trunk, gateway, browser };
  }

  /** A registered phone in a page of its own. */
  async phone(kind: PhoneKind, options: StagePhoneOptions = {}): Promise<BrowserPhone> {
    const { browser, pages } = this.#opened;
    const phone = await BrowserPhone.open(browser, pages[kind.library], options);
    this.#phones.push(phone);
    await this.start(phone, kind, options);
    return phone;
  }

  /** Connects and registers the phone of a page that was just loaded. */
  start(phone: BrowserPhone, { secure }: PhoneKind, { user = testUser, toneHz = browserHz, gate }: StagePhoneOptions = {}): Promise<void> {
    const url = new URL(secure ? this.gateway.secureUrl : this.gateway.url);
    if (gate) url.port = String(gate.port);
    return phone.start({ url: url.href, user: user.name, password: user.password, domain: testDomain, toneHz, levelDbfs: toneDbfs });
  }

  /** Between two tests. */
  async clear(): Promise<void> {
    await Promise.all(this.#phones.splice(0).map((phone) => phone.leave()));
    this.trunk.reset();
  }

  /** Nothing is left running, and nothing went wrong inside. */
  async close(): Promise<void> {
    if (!this.#parts) return;
    const { pages, trunk, gateway, browser } = this.#parts;
    await browser.close();
    const exit = await gateway.stop();
    trunk.close();
    await Promise.all([pages.jssip.close(), pages.sipjs.close()]);
    expect(exit, gateway.output).toEqual({ code: 0, signal: null });
    expect(gateway.log.filter(({ level }) => Number(level) >= errorLevel)).toEqual([]);
  }

  /** All calls of the gateway are over. */
  async isIdle(): Promise<void> {
    await until('the last call to end', async () => JSON.stringify(await this.gateway.get('/api/v1/calls')) === '{"calls":[]}');
  }

  get #opened(): Parts {
    if (!this.#parts) throw new Error('the stage is not open');
    return this.#parts;
  }
}

/** Pino's number. */
const errorLevel = 50;

/** Opens a stage before the tests of a suite, closes phones after each and all after the last. */
export function useStage(options: Partial<GatewayOptions> = {}): Stage {
  const stage = new Stage(options);
  beforeAll(() => stage.open(), 60_000);
  afterEach(() => stage.clear());
  afterAll(() => stage.close(), 30_000);
  return stage;
}
