import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { LegQuality } from '../../../src/events/gateway-events.ts';
import { unpackCounters } from '../../../src/relay/counters-batch.ts';
import { rtpBytes } from '../../support/rtp-peer.ts';
import { checkBytes } from '../ice/browser-checks.ts';
import { browserPort, HostStage, immediates, media, peer, trunkPort } from './host-stage.ts';

const browser = { host: '192.0.2.8', port: 8000 };
const clientHello = Uint8Array.of(22, 0xfe, 0xff);
/** Sessions. */
const broken = 1;
const sound = 2;

let stage: HostStage;

beforeEach(async () => {
  stage = await HostStage.start();
});
afterEach(() => stage.host.stop());

/** What the session that closed says of its legs. */
function lastWords(): readonly LegQuality[] {
  const [closed] = stage.ofType('closed');
  return unpackCounters(closed?.batch ?? new Float64Array());
}

test('answers a check of its leg, and none of anybody else', async () => {
  const { ice } = await stage.openCall();
  stage.udp.deliver(checkBytes({ credentials: { ufrag: 'nobody', pwd: ice.pwd } }), browser, browserPort, 1000);
  stage.udp.deliver(checkBytes({ credentials: { ufrag: ice.ufrag, pwd: 'wrong-password-of-26-chars' } }), browser, browserPort, 1000);
  expect(stage.udp.sent).toHaveLength(0);
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  expect(stage.udp.sent).toEqual([{ bytes: expect.anything(), from: { host: '192.0.2.1', port: browserPort }, to: browser }]);
});

test('hands each DTLS datagram of a checked address to its leg', async () => {
  const { ice } = await stage.openCall();
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  for (let at = 0; at < 3; at++) stage.udp.deliver(Uint8Array.of(...clientHello, at), browser, browserPort, 1000);
  expect(stage.dtls.received.map((datagram) => datagram[3])).toEqual([0, 1, 2]);
});

test('hands no datagram of an unchecked address to DTLS', async () => {
  await stage.openCall();
  stage.udp.deliver(clientHello, browser, browserPort, 1000);
  expect(stage.dtls.endpoints).toHaveLength(0);
});

test('makes no DTLS endpoint for garbage', async () => {
  const { ice } = await stage.openCall();
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  for (const first of [20, 21, 23, 63]) stage.udp.deliver(Uint8Array.of(first, 1, 2), browser, browserPort, 1000);
  expect(stage.dtls.endpoints).toHaveLength(0);
});

test('a broken invariant ends its session and no other', async () => {
  const { ice } = await stage.openCall(broken);
  await stage.openCall(sound, trunkPort + 2);
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  vi.spyOn(stage.udp, 'send').mockImplementationOnce(() => {
    throw new Error('broken invariant');
  });
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  expect(stage.ofType('closed').map(({ session }) => session)).toEqual([broken]);
  expect(stage.udp.open).toBe(1 + 2);
});

test.each(['a handshake', 'a timer', 'a command'])('so does one met in %s', async (where) => {
  const { ice } = await stage.openCall(broken);
  await stage.openCall(sound, trunkPort + 2);
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  const breaks = (): never => {
    throw new Error('broken invariant');
  };
  if (where === 'a handshake') {
    vi.spyOn(stage.dtls, 'create').mockImplementation(breaks);
    stage.udp.deliver(clientHello, browser, browserPort, 1000);
  } else if (where === 'a timer') {
    stage.udp.sent.length = 0;
    vi.spyOn(stage.udp, 'send').mockImplementationOnce(breaks);
    stage.clock.pass(10_000);
  } else {
    const remote = {
      ...media,
      dtlsRole: 'server',
      fingerprints: [],
      get iceUfrag(): string {
        return breaks();
      },
    } as const;
    stage.host.receive({ type: 'configure-browser-leg', session: broken, leg: 1, remote });
  }
  expect(stage.ofType('closed')).toHaveLength(1);
  expect(stage.udp.open).toBe(1 + 2);
});

test('a session that ends while its ports are being bound leaves none of them', async () => {
  stage.host.receive({ type: 'open', session: 1 });
  const answer = stage.ask({ type: 'add-trunk-leg', session: 1, leg: 1, port: trunkPort });
  stage.host.receive({ type: 'close', session: 1 });
  expect(await answer).toMatchObject({ type: 'refused', refusal: 'gone' });
  expect(stage.udp.open).toBe(1);
});

test('says that a port is busy, and keeps neither of the pair', async () => {
  stage.host.receive({ type: 'open', session: 1 });
  await stage.udp.bind({ host: '192.0.2.1', port: trunkPort + 1 }, { receive: () => {}, prefetch: () => 0 });
  const answer = await stage.ask({ type: 'add-trunk-leg', session: 1, leg: 1, port: trunkPort });
  expect(answer).toMatchObject({ type: 'refused', refusal: 'port-busy' });
  expect(stage.udp.open).toBe(2);
});

test('stops once, with all that it has', async () => {
  const { ice } = await stage.openCall();
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  stage.udp.deliver(clientHello, browser, browserPort, 1000);
  await immediates();
  stage.host.receive({ type: 'stop' });
  stage.host.stop();
  expect(stage.posted.slice(-2)).toEqual([{ type: 'closed', session: 1, batch: expect.any(Float64Array) }, { type: 'stopped' }]);
  expect(lastWords()).toMatchObject([{ side: 'browser' }, { side: 'trunk' }]);
  expect([stage.udp.open, stage.udp.shutdowns, stage.dtls.closed, stage.clock.alarms.size]).toEqual([0, 1, 1, 0]);
});

test('says at the end what its legs carried', async () => {
  await stage.openCall();
  stage.udp.deliver(rtpBytes({ payloadType: 0, ssrc: 1 }), peer, trunkPort, 1000);
  stage.host.receive({ type: 'close', session: 1 });
  expect(lastWords()).toMatchObject([
    { side: 'browser', received: { packets: 0 } },
    { side: 'trunk', received: { packets: 1 } },
  ]);
});

test('says nothing of a leg that was removed', async () => {
  await stage.openCall();
  stage.host.receive({ type: 'remove-leg', session: 1, leg: 2 });
  stage.host.receive({ type: 'close', session: 1 });
  expect(lastWords()).toMatchObject([{ side: 'browser' }]);
});

test('survives any bytes on any port', async () => {
  const { ice } = await stage.openCall();
  stage.udp.deliver(checkBytes({ credentials: ice }), browser, browserPort, 1000);
  const kinds = fc.constantFrom(0, 1, 20, 22, 64, 0x80, 0x90, 0xa0, 0xbf, 0xff);
  const datagram = fc.tuple(kinds, fc.uint8Array({ maxLength: 300 })).map(([first, rest]) => Uint8Array.of(first, ...rest));
  const target = fc.constantFrom(
    [browser, browserPort] as const,
    [peer, trunkPort] as const,
    [{ ...peer, port: peer.port + 1 }, trunkPort + 1] as const,
  );
  fc.assert(
    fc.property(datagram, target, (bytes, [from, port]) => stage.udp.deliver(bytes, from, port, stage.clock.ms)),
    { numRuns: 2000 },
  );
  expect(stage.ofType('closed')).toHaveLength(0);
});
