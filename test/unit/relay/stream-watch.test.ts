import { describe, expect, test } from 'vitest';
import { noPath } from '../../../src/relay/io/driver.ts';
import { Milestones } from '../../../src/relay/milestones.ts';
import type { Route } from '../../../src/relay/routes.ts';
import { StreamWatch } from '../../../src/relay/stream-watch.ts';
import { createRtpHeader } from '../../../src/rtp/header.ts';

const pcmu: Route = { encoding: 'PCMU', clockRate: 8000, event: false, payloadType: 0, durationScale: 1 };
const events: Route = { ...pcmu, encoding: 'telephone-event', event: true };

function listen(source = 5) {
  const told: string[] = [];
  const milestones = new Milestones({
    milestone: ({ what, remote, detail }) => told.push(`${what} ${remote?.port ?? '-'} ${detail}`.trim()),
  });
  const watch = new StreamWatch(milestones, { source, addressOf: (path) => ({ host: '192.0.2.1', port: 5000 + path }) });
  const hear = (ssrc: number, route = pcmu, now = 0): void => watch.recognize(route, { ...createRtpHeader(), ssrc }, now);
  return { told, watch, hear };
}

describe('a stream', () => {
  test('begins once, and another SSRC is another source', () => {
    const { told, hear } = listen();
    hear(7);
    hear(7, events);
    hear(7);
    hear(8);
    expect(told).toEqual(['rtp-began 5005 PCMU, payload type 0', 'ssrc-changed 5005']);
  });

  test('stops after two seconds without a packet, and goes on with the next', () => {
    const { told, watch, hear } = listen();
    hear(7, pcmu, 500);
    for (const [now, packets] of [
      [1000, 25],
      [2000, 25],
      [2900, 25],
      [3000, 25],
      [9000, 25],
      [10_000, 26],
      [11_000, 76],
    ] as const)
      watch.tick(now, packets, true);
    expect(told.slice(1)).toEqual(['rtp-stopped 5005', 'rtp-resumed 5005']);
  });

  test('does not stop while the peer need not send, and has its two seconds from then on', () => {
    const { told, watch, hear } = listen();
    hear(7);
    for (let now = 1000; now <= 20_000; now += 1000) watch.tick(now, 25, false);
    watch.tick(21_000, 25, true);
    expect(told).toHaveLength(1);
    watch.tick(22_000, 25, true);
    expect(told.at(-1)).toBe('rtp-stopped 5005');
  });

  test('that never began does not stop', () => {
    const { told, watch } = listen();
    for (let now = 0; now < 10_000; now += 1000) watch.tick(now, 0, true);
    expect(told).toEqual([]);
  });

  test('is refused by payload type, by codec and by reason, whether or not its source is known', () => {
    const { told, watch } = listen(noPath);
    watch.refusePayloadType(13);
    watch.refuseCodec(8, 'PCMA');
    watch.refuse('source', 3, 0);
    expect(told).toEqual(['rtp-refused - payload-type 13', 'rtp-refused - codec PCMA', 'rtp-refused 5003 source']);
  });

  test('whose packets fail authentication is told apart from one that is refused', () => {
    const { told, watch } = listen();
    for (let packet = 0; packet < 20; packet++) watch.refuse('authentication', 5, 0);
    expect(told).toEqual(['srtp-authentication-failing 5005']);
  });

  test('of telephone events is neither silent nor of a wrong length', () => {
    const { told, watch } = listen();
    for (let at = 0; at < 50; at++) {
      const header = { ...createRtpHeader(), ssrc: 7, sequence: at, timestamp: 40 * at * 8, headerLength: 12, payloadLength: 4 };
      watch.look(header, events, 20, new Uint8Array(16), 0, at * 1000);
    }
    expect(told).toEqual([]);
  });
});
