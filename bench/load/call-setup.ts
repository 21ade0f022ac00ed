/** Calls set up through a gateway's front door: INVITE over WebSocket in, INVITE over UDP out, both with digest. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatAddress } from '../../src/base/address.ts';
import { systemRandom } from '../../src/base/random.ts';
import { BrowserPhone, type PhoneCall } from './browser-phone.ts';
import { Carrier } from './carrier.ts';
import { browserOffer, trunkAnswer } from './descriptions.ts';
import { accounts, type Gateway, type Network, type StartGateway, trunkCredentials } from './gateway.ts';
import type { Loadgen } from './loadgen.ts';
import { forEachParallel } from './waiting.ts';

const parallelCalls = 8;
/** A gateway bears 200 transactions of one browser, and an INVITE is one for half a minute: these can make 150 calls a second. */
const connections = 24;
/** Numbers tell calls apart on the far side. */
const numberPrefix = '+1555';

export interface CallBatch {
  /** What the load generator plays. */
  readonly callsFile: string;
  /** Resolves when both ends have seen the BYE of every call. */
  hangUp(): Promise<void>;
}

/** A running gateway with phones in front of it and a carrier behind. */
export class CallSetup {
  readonly pids: readonly number[];
  readonly #gateway: Gateway;
  readonly #carrier: Carrier;
  readonly #phones: readonly BrowserPhone[];
  readonly #loadgen: Loadgen;
  readonly #work: string;

  private constructor(gateway: Gateway, carrier: Carrier, phones: readonly BrowserPhone[], loadgen: Loadgen, work: string) {
    this.pids = gateway.pids;
    this.#gateway = gateway;
    this.#carrier = carrier;
    this.#phones = phones;
    this.#loadgen = loadgen;
    this.#work = work;
  }

  /** The carrier comes first: a gateway is told where it is. */
  static async open(start: StartGateway, network: Network, loadgen: Loadgen, work: string): Promise<CallSetup> {
    const answer = (number: string): string => trunkAnswer(loadgen.trunkAddress(callOf(number)));
    const carrier = await Carrier.open({ host: network.carrier, credentials: trunkCredentials, answer });
    let gateway: Gateway | undefined;
    try {
      gateway = await start({ network, carrier: carrier.address, work });
      return new CallSetup(gateway, carrier, await connectPhones(gateway.webSocketUrl), loadgen, work);
    } catch (error) {
      await gateway?.stop();
      await carrier.close();
      throw error;
    }
  }

  /** Sets up `count` calls, numbered from `first`, as fast as it goes or so many a second. Rejects as soon as one fails. */
  async begin(count: number, { first = 0, perSecond = Number.POSITIVE_INFINITY } = {}): Promise<CallBatch> {
    const begun = performance.now();
    const lines: string[] = [];
    const hangUps: (() => Promise<void>)[] = [];
    const calls = Array.from({ length: count }, (_, at) => first + at);
    await forEachParallel(calls, parallelCalls, async (call) => {
      const earlyMs = begun + ((call - first) * 1000) / perSecond - performance.now();
      if (earlyMs > 0) await sleep(earlyMs);
      const { line, hangUp } = await this.#setUp(call);
      lines.push(line);
      hangUps.push(hangUp);
    });
    const callsFile = join(this.#work, `calls-${first}.jsonl`);
    writeFileSync(callsFile, `${lines.join('\n')}\n`);
    return { callsFile, hangUp: () => forEachParallel(hangUps, parallelCalls, (end) => end()) };
  }

  async close(): Promise<void> {
    for (const phone of this.#phones) phone.close();
    await this.#gateway.stop();
    await this.#carrier.close();
  }

  async #setUp(call: number): Promise<{ line: string; hangUp: () => Promise<void> }> {
    const phone = this.#phones[call % this.#phones.length] as BrowserPhone;
    const number = `${numberPrefix}${call}`;
    const address = this.#loadgen.browserAddress(call);
    const ice = { ufrag: systemRandom.token(4), pwd: systemRandom.token(24) };
    const offer = browserOffer({ address, ...ice, fingerprint: this.#loadgen.certificate.fingerprint });
    const [phoneCall, trunkOffer] = await Promise.all([phone.call(number, offer), this.#carrier.established(number)]);
    const line = JSON.stringify({
      id: call,
      b_local: formatAddress(address),
      b_ufrag: ice.ufrag,
      b_pwd: ice.pwd,
      b_sdp: phoneCall.answer,
      t_local: formatAddress(this.#loadgen.trunkAddress(call)),
      t_sdp: trunkOffer,
    });
    return { line, hangUp: () => this.#hangUp(phoneCall, number) };
  }

  async #hangUp(call: PhoneCall, number: string): Promise<void> {
    await Promise.all([this.#carrier.ended(number), call.hangUp()]);
  }
}

function connectPhones(url: string): Promise<BrowserPhone[]> {
  return Promise.all(
    Array.from({ length: connections }, (_, at) => BrowserPhone.connect(url, accounts[at % accounts.length] ?? accounts[0])),
  );
}

function callOf(number: string): number {
  return Number(number.slice(numberPrefix.length));
}
