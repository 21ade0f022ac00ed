import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Clock } from '../../../src/base/clock.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import type { DtlsDriver, DtlsEvents } from '../../../src/dtls/endpoint.ts';
import { unpackCounters } from '../../../src/relay/counters-batch.ts';
import { Host } from '../../../src/relay/host.ts';
import type { BrowserLegLocal, LegMedia } from '../../../src/relay/media-relay.ts';
import type { FromThread, RelayRequest } from '../../../src/relay/messages.ts';
import { nodeDriver } from '../../../src/srtp/node-driver.ts';
import { rtpBytes } from '../../support/rtp-peer.ts';
import { checkBytes } from '../ice/browser-checks.ts';
import { MemoryUdp } from './memory-udp.ts';

const browserPort = 40_000;
const trunkPort = 30_000;
const peer = { host: '192.0.2.7', port: 7000 };
const browser = { host: '192.0.2.8', port: 8000 };
const pcmu = { payloadType: 0, encoding: 'PCMU', clockRate: 8000, channels: 1 };
const media: LegMedia = { direction: 'sendrecv', receive: [pcmu], send: [pcmu], ptimeMs: 20 };
const clientHello = Uint8Array.of(22, 0xfe, 0xff);

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
  readonly received: Uint8Array[] = [];
  readonly endpoints: DtlsEvents[] = [];
  closed = 0;

  create(_options: unknown, events: DtlsEvents) {
    this.endpoints.push(events);
    return {
      deadline: Number.POSITIVE_INFINITY,
      start: () => {},
      receive: (datagram: Uint8Array) => void this.received.push(datagram),
      expire: () => {},
      close: () => void this.closed++,
    };
  }
}

describe('the host of a relay thread', () => {
  let clock: ManualClock;
  let udp: MemoryUdp;
  let dtls: FakeDtls;
  let host: Host;
  let posted: FromThread[];
  let requests = 0;

  async function start(polled = false): Promise<void> {
    clock = new ManualClock();
    udp = new MemoryUdp(polled);
    dtls = new FakeDtls();
    posted = [];
    const random = seededRandom(1);
    const hosts = { browserHosts: ['192.0.2.1'], browserPort, browserAdvertise: null, trunkHost: '192.0.2.1', trunkAdvertise: '192.0.2.1' };
    const certificate = createCertificate(random, 0);
    host = new Host({ addresses: hosts, certificate, udp, dtls, srtp: nodeDriver, random, clock, log: silentLog }, (message) =>
      posted.push(message),
    );
    await host.start();
  }

  async function ask(question: RelayRequest): Promise<FromThread> {
    const request = ++requests;
    host.receive({ type: 'ask', request, question });
    return await vi.waitFor(() => {
      const answer = posted.find((message) => 'request' in message && message.request === request);
      if (!answer) throw new Error('no answer yet');
      return answer;
    });
  }

  async function openCall(session = 's', port = trunkPort): Promise<BrowserLegLocal> {
    host.receive({ type: 'open', session });
    const answer = await ask({ type: 'add-browser-leg', session, leg: 1 });
    await ask({ type: 'add-trunk-leg', session, leg: 2, port });
    host.receive({ type: 'bridge', session, a: 1, b: 2 });
    host.receive({ type: 'configure-trunk-leg', session, leg: 2, remote: { ...media, rtp: peer, rtcp: null, learn: false } });
    return (answer as Extract<FromThread, { type: 'answer' }>).value as BrowserLegLocal;
  }

  const ofType = <Type extends FromThread['type']>(type: Type) =>
    posted.filter((message): message is Extract<FromThread, { type: Type }> => message.type === type);
  const immediates = (): Promise<void> => new Promise((done) => setImmediate(done));

  beforeEach(() => start());
  afterEach(() => host.stop());

  test('answers a check of its leg, and none of anybody else', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: { ufrag: 'nobody', pwd: ice.pwd } }), browser, browserPort, 1000);
    udp.deliver(checkBytes({ credentials: { ufrag: ice.ufrag, pwd: 'wrong-password-of-26-chars' } }), browser, browserPort, 1000);
    expect(udp.sent).toHaveLength(0);
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    expect(udp.sent).toEqual([{ bytes: expect.anything(), from: { host: '192.0.2.1', port: browserPort }, to: browser }]);
  });

  test('takes one handshake step a turn, after what came before it', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    for (let at = 0; at < 3; at++) udp.deliver(Uint8Array.of(...clientHello, at), browser, browserPort, 1000);
    expect(dtls.received).toHaveLength(0);
    await immediates();
    expect(dtls.received).toHaveLength(1);
    await immediates();
    await immediates();
    expect(dtls.received.map((datagram) => datagram[3])).toEqual([0, 1, 2]);
  });

  test('bounds what waits for a handshake step', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    for (let at = 0; at < 1000; at++) udp.deliver(clientHello, browser, browserPort, 1000);
    for (let turn = 0; turn < 100; turn++) await immediates();
    expect(dtls.received).toHaveLength(16);
  });

  test('hands no datagram of an unchecked address to DTLS', async () => {
    await openCall();
    udp.deliver(clientHello, browser, browserPort, 1000);
    await immediates();
    expect(dtls.endpoints).toHaveLength(0);
  });

  test('makes no DTLS endpoint for garbage', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    for (const first of [20, 21, 23, 63]) udp.deliver(Uint8Array.of(first, 1, 2), browser, browserPort, 1000);
    for (let turn = 0; turn < 6; turn++) await immediates();
    expect(dtls.endpoints).toHaveLength(0);
  });

  test('posts the statistics of many sessions one after the other, each once a second', async () => {
    for (let index = 0; index < 120; index++) host.receive({ type: 'open', session: `s${index}` });
    clock.pass(1000);
    for (let step = 0; step < 99; step++) clock.pass(20);
    const reported = ofType('stats').map(({ batch }) => batch.sessions.length);
    expect(Math.max(...reported)).toBe(3);
    expect(reported.reduce((sum, size) => sum + size, 0)).toBe(240);
  });

  test('posts statistics once a second, and none without sessions', async () => {
    clock.pass(5000);
    await openCall();
    for (let second = 0; second < 3; second++) clock.pass(1000);
    expect(ofType('stats')).toHaveLength(3);
    expect(ofType('stats').flatMap(({ batch }) => unpackCounters(batch))[0]?.legs).toHaveLength(2);
    host.receive({ type: 'close', session: 's' });
    clock.pass(5000);
    expect(ofType('stats')).toHaveLength(3);
    expect(clock.alarms.size).toBe(0);
  });

  test('a broken invariant ends its session and no other', async () => {
    const { ice } = await openCall('broken');
    await openCall('sound', trunkPort + 2);
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    vi.spyOn(udp, 'send').mockImplementationOnce(() => {
      throw new Error('broken invariant');
    });
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    expect(ofType('closed').map(({ session }) => session)).toEqual(['broken']);
    expect(udp.open).toBe(1 + 2);
  });

  test.each(['a handshake step', 'a timer', 'a command'])('so does one met in %s', async (where) => {
    const { ice } = await openCall('broken');
    await openCall('sound', trunkPort + 2);
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    const breaks = (): never => {
      throw new Error('broken invariant');
    };
    if (where === 'a handshake step') {
      vi.spyOn(dtls, 'create').mockImplementation(breaks);
      udp.deliver(clientHello, browser, browserPort, 1000);
      await immediates();
    } else if (where === 'a timer') {
      udp.sent.length = 0;
      vi.spyOn(udp, 'send').mockImplementationOnce(breaks);
      clock.pass(10_000);
    } else {
      const remote = {
        ...media,
        dtlsRole: 'server',
        fingerprints: [],
        get iceUfrag(): string {
          return breaks();
        },
      } as const;
      host.receive({ type: 'configure-browser-leg', session: 'broken', leg: 1, remote });
    }
    expect(ofType('closed')).toHaveLength(1);
    expect(udp.open).toBe(1 + 2);
  });

  test('a session that ends while its ports are being bound leaves none of them', async () => {
    host.receive({ type: 'open', session: 's' });
    const answer = ask({ type: 'add-trunk-leg', session: 's', leg: 1, port: trunkPort });
    host.receive({ type: 'close', session: 's' });
    expect(await answer).toMatchObject({ type: 'refused', refusal: 'gone' });
    expect(udp.open).toBe(1);
  });

  test('says that a port is busy, and keeps neither of the pair', async () => {
    host.receive({ type: 'open', session: 's' });
    await udp.bind({ host: '192.0.2.1', port: trunkPort + 1 }, { receive: () => {}, prefetch: () => 0 });
    const answer = await ask({ type: 'add-trunk-leg', session: 's', leg: 1, port: trunkPort });
    expect(answer).toMatchObject({ type: 'refused', refusal: 'port-busy' });
    expect(udp.open).toBe(2);
  });

  test('stops once, with all that it has', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    udp.deliver(clientHello, browser, browserPort, 1000);
    await immediates();
    host.receive({ type: 'stop' });
    host.stop();
    expect(posted.slice(-2)).toEqual([
      { type: 'closed', session: 's', legs: [expect.objectContaining({ leg: 1 }), expect.objectContaining({ leg: 2 })] },
      { type: 'stopped' },
    ]);
    expect([udp.open, udp.shutdowns, dtls.closed, clock.alarms.size]).toEqual([0, 1, 1, 0]);
  });

  test('keeps the last counters of a leg that was removed', async () => {
    await openCall();
    udp.deliver(rtpBytes({ payloadType: 0, ssrc: 1 }), peer, trunkPort, 1000);
    host.receive({ type: 'remove-leg', session: 's', leg: 2 });
    host.receive({ type: 'close', session: 's' });
    const [closed] = ofType('closed');
    expect(closed?.legs.map(({ leg, counters }) => [leg, counters[0]])).toEqual([
      [2, 1],
      [1, 0],
    ]);
  });

  test('polls a polled driver in bounded turns while there are sessions', async () => {
    host.stop();
    await start(true);
    await immediates();
    expect(udp.polls).toHaveLength(0);
    await openCall();
    await immediates();
    await immediates();
    expect(udp.polls.length).toBeGreaterThan(0);
    expect(Math.max(...udp.polls)).toBeLessThanOrEqual(10);
    host.receive({ type: 'close', session: 's' });
    await immediates();
    const { length } = udp.polls;
    await immediates();
    expect(udp.polls).toHaveLength(length);
  });

  test('says how much of a second it worked', async () => {
    host.stop();
    await start(true);
    await openCall();
    const second = async (): Promise<void> => {
      for (let turn = 0; turn < 100; turn++) {
        clock.pass(10);
        await immediates();
      }
    };
    await second();
    udp.waitedMs = 1000;
    await second();
    await second();
    const shares = ofType('busy').map(({ share }) => share);
    expect(shares[0]).toBe(1);
    expect(shares.at(-1)).toBe(0);
  });

  test('is not busy without sessions', async () => {
    host.stop();
    await start(true);
    await openCall();
    host.receive({ type: 'close', session: 's' });
    expect(ofType('busy')).toEqual([{ type: 'busy', share: 0 }]);
  });

  test.each([true, false])('says how late its turn came, polled %s', async (polled) => {
    host.stop();
    await start(polled);
    // Idle for long, which is not late.
    clock.pass(60_000);
    await openCall();
    for (let turn = 0; turn < 100; turn++) {
      clock.pass(10);
      await immediates();
    }
    clock.pass(1300);
    await immediates();
    clock.pass(1000);
    await immediates();
    // Without polling it shows only in what was due: the statistics, every second, or a report before them.
    expect(ofType('late').map(({ lateMs }) => lateMs)).toEqual([polled ? 1300 : expect.closeTo(800, -3)]);
  });

  test('survives any bytes on any port', async () => {
    const { ice } = await openCall();
    udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
    const kinds = fc.constantFrom(0, 1, 20, 22, 64, 0x80, 0x90, 0xa0, 0xbf, 0xff);
    const datagram = fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })).map(([first, rest]) => Uint8Array.of(first, ...rest));
    const target = fc.constantFrom(
      [browser, browserPort] as const,
      [peer, trunkPort] as const,
      [{ ...peer, port: peer.port + 1 }, trunkPort + 1] as const,
    );
    fc.assert(
      fc.property(datagram, target, (bytes, [from, port]) => udp.deliver(bytes, from, port, clock.ms)),
      { numRuns: 2000 },
    );
    expect(ofType('closed')).toHaveLength(0);
  });
});
