/** A host of a relay thread over a network in memory, with a clock that the test turns and DTLS that does what the test says. */

import { vi } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import type { DtlsDriver, DtlsEvents } from '../../../src/dtls/endpoint.ts';
import { Host } from '../../../src/relay/host.ts';
import type { BrowserLegLocal, LegMedia } from '../../../src/relay/media-relay.ts';
import type { FromThread, RelayRequest } from '../../../src/relay/messages.ts';
import { nodeDriver } from '../../../src/srtp/node-driver.ts';
import { MemoryUdp } from './memory-udp.ts';

export const browserPort = 40_000;
export const trunkPort = 30_000;
export const peer = { host: '192.0.2.7', port: 7000 };
const pcmu = { payloadType: 0, encoding: 'PCMU', clockRate: 8000, channels: 1 };
export const media: LegMedia = { direction: 'sendrecv', receive: [pcmu], send: [pcmu], ptimeMs: 20 };

class ManualClock implements Clock {
  ms = 1000;
  readonly alarms = new Set<{ at: number; callback: () => void }>();
  now = (): number => this.ms;
  wallTime = (): number => 1_700_000_000_000 + this.ms;

  after(delayMs: number, callback: () => void): () => void {
    const alarm = { at: this.ms + delayMs, callback };
    this.alarms.add(alarm);
    return () => this.alarms.delete(alarm);
  }

  pass(ms: number): void {
    this.ms += ms;
    for (const alarm of [...this.alarms]) if (alarm.at <= this.ms && this.alarms.delete(alarm)) alarm.callback();
  }
}

/** Endpoints that remember what they got and do as the test says. */
class FakeDtls implements DtlsDriver {
  readonly name = 'openssl';
  pending = 0;
  readonly received: Uint8Array[] = [];
  readonly endpoints: DtlsEvents[] = [];
  closed = 0;

  create(_options: unknown, events: DtlsEvents) {
    this.endpoints.push(events);
    return {
      deadline: Number.POSITIVE_INFINITY,
      start: () => {},
      receive: (datagram: Uint8Array) => void this.received.push(datagram.slice()),
      expire: () => {},
      close: () => void this.closed++,
    };
  }
}

export class HostStage {
  readonly clock = new ManualClock();
  readonly dtls = new FakeDtls();
  readonly posted: FromThread[] = [];
  readonly udp: MemoryUdp;
  readonly host: Host;
  #requests = 0;

  private constructor(polled: boolean) {
    const { clock, dtls, posted } = this;
    const udp = new MemoryUdp(polled);
    const random = seededRandom(1);
    const hosts = { browserHosts: ['192.0.2.1'], browserPort, browserAdvertise: null, trunkHost: '192.0.2.1', trunkAdvertise: '192.0.2.1' };
    const certificate = createCertificate(random, 0);
    const options = { addresses: hosts, certificate, udp, dtls, srtp: nodeDriver, random, clock, log: silentLog };
    this.udp = udp;
    this.host = new Host(options, (message) => posted.push(message));
  }

  static async start(polled = false): Promise<HostStage> {
    const stage = new HostStage(polled);
    await stage.host.start();
    return stage;
  }

  async ask(question: RelayRequest): Promise<FromThread> {
    const request = ++this.#requests;
    this.host.receive({ type: 'ask', request, question });
    return await vi.waitFor(() => {
      const answer = this.posted.find((message) => 'request' in message && message.request === request);
      if (!answer) throw new Error('no answer yet');
      return answer;
    });
  }

  /** A browser's leg and a trunk's, bridged. */
  async openCall(session = 1, port = trunkPort): Promise<BrowserLegLocal> {
    this.host.receive({ type: 'open', session });
    const answer = await this.ask({ type: 'add-browser-leg', session, leg: 1 });
    await this.ask({ type: 'add-trunk-leg', session, leg: 2, port });
    this.host.receive({ type: 'bridge', session, a: 1, b: 2 });
    this.host.receive({ type: 'configure-trunk-leg', session, leg: 2, remote: { ...media, rtp: peer, rtcp: null, learn: false } });
    return (answer as Extract<FromThread, { type: 'answer' }>).value as BrowserLegLocal;
  }

  ofType<Type extends FromThread['type']>(type: Type): Extract<FromThread, { type: Type }>[] {
    return this.posted.filter((message): message is Extract<FromThread, { type: Type }> => message.type === type);
  }
}

/** The host has had its turn. */
export function immediates(): Promise<void> {
  return new Promise((done) => setImmediate(done));
}
