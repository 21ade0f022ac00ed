/** What becomes of the calls when one of two relay threads dies. Threads run from dist/. */

import { existsSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaRelay } from '../../src/relay/media-relay.ts';
import { freeUdpPort } from '../support/free-port.ts';
import { connectCall, type MediaCall, relayOptions } from '../support/media-call.ts';
import { openDescriptors } from '../support/process-state.ts';
import { RtpSource } from '../support/rtp-peer.ts';
import { StartedWorkers } from '../support/started-workers.ts';
import { until } from '../support/until.ts';

const poolModule = new URL('../../dist/relay/pool.js', import.meta.url);
const openSockets = (): number => openDescriptors(process.pid).filter((kind) => kind === 'socket').length;

describe.each(['dgram', 'mmsg'] as const)('when one of two relay threads dies, by %s,', (driver) => {
  let relay: MediaRelay;
  let port: number;
  let calls: MediaCall[];
  let workers: StartedWorkers;

  beforeEach(async (context) => {
    if (!existsSync(poolModule)) context.skip('npm run build makes dist/');
    if (driver === 'mmsg' && process.platform !== 'linux') context.skip('the mmsg driver is for Linux');
    const { createRelayPool } = (await import(poolModule.href)) as typeof import('../../src/relay/pool.ts');
    workers = new StartedWorkers();
    port = await freeUdpPort();
    relay = await createRelayPool({ ...relayOptions, browser: { bind: '127.0.0.1', advertise: null, port }, workers: 2, driver });
    calls = [];
    for (let opened = 0; opened < 4; opened++) calls.push(await connectCall(relay));
  });

  afterEach(async () => {
    workers?.stopWatching();
    for (const call of calls ?? []) await call.end();
    await relay?.close();
  });

  const threadOf = ({ browserLeg }: MediaCall): number => (browserLeg.candidates[0]?.port ?? 0) - port;

  async function talk(call: MediaCall): Promise<void> {
    const [spoken, heard] = [call.trunk.packets.length, call.browser.packets.length];
    call.browser.sendRtp(new RtpSource().next());
    call.trunk.send(new RtpSource().next(), call.trunkLeg.rtp);
    await until('media both ways', () => call.trunk.packets.length > spoken && call.browser.packets.length > heard);
  }

  test('its calls end with that cause, the others go on, and another thread takes its place', async () => {
    expect(calls.map(threadOf)).toEqual([0, 1, 0, 1]);
    await workers.all[0]?.terminate();
    const [mine, others] = [calls.filter((call) => threadOf(call) === 0), calls.filter((call) => threadOf(call) === 1)];
    await until('the end of its calls', () => mine.every(({ record }) => record.last !== null));
    expect(mine.map(({ record }) => record.last?.reason)).toEqual(['thread-died', 'thread-died']);
    for (const call of others) await talk(call);
    expect(others.map(({ record }) => record.last)).toEqual([null, null]);
    await until('another thread', () => workers.all.length === 3);
    const next = await until('a call on it', async () => {
      const call = await connectCall(relay);
      calls.push(call);
      return threadOf(call) === 0 && call;
    });
    await talk(next);
  });

  test('its sockets are closed', async () => {
    const inUse = openSockets();
    await workers.all[0]?.terminate();
    // One of the browsers, and a pair for each of its two calls.
    await until('the end of its sockets', () => openSockets() <= inUse - 5);
  });
});
