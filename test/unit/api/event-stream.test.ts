import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApiServer } from '../../../src/api/server.ts';
import { openApiServer } from '../../support/api-server.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { FakeControl } from '../../support/fake-control.ts';
import { until } from '../../support/until.ts';

let control: FakeControl;
let clock: FakeClock;
let server: ApiServer;
const sockets: Socket[] = [];

beforeEach(async () => {
  control = new FakeControl();
  clock = new FakeClock();
  server = await openApiServer({ control, clock });
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await server.close();
});

/** What has come so far grows as more comes. */
async function listen(query = '', lastId?: string): Promise<{ text: string; closed: boolean; socket: Socket }> {
  const socket = connect(server.http?.port ?? 0, '127.0.0.1');
  const heard = { text: '', closed: false, socket };
  sockets.push(socket);
  socket.on('data', (chunk) => {
    heard.text += chunk;
  });
  socket.on('close', () => {
    heard.closed = true;
  });
  socket.on('error', () => {});
  const last = lastId === undefined ? '' : `Last-Event-ID: ${lastId}\r\n`;
  socket.write(`GET /api/v1/events${query} HTTP/1.1\r\nHost: localhost\r\n${last}\r\n`);
  await until('the beginning', () => heard.text.includes('retry: '));
  return heard;
}

function draining(): void {
  control.emitter.emit('node.draining');
}

function trunkIs(trunk: string, state: 'up' | 'down'): void {
  control.emitter.emit('trunk.state', { trunk, state, detail: 'x' });
}

describe('a stream of events', () => {
  test('has name, number and payload of each', async () => {
    const heard = await listen();
    trunkIs('carrier', 'down');
    await until('the event', () => heard.text.includes('data: '));
    expect(heard.text).toContain('content-type: text/event-stream');
    expect(heard.text).toContain('id: run-1\nevent: trunk.state\ndata: {');
    const data: unknown = JSON.parse(/data: (.*)\n/.exec(heard.text)?.[1] ?? '');
    expect(data).toEqual({ id: 'run-1', at: 1000, event: 'trunk.state', data: { trunk: 'carrier', state: 'down', detail: 'x' } });
  });

  test('lets pass what its filter says', async () => {
    const heard = await listen(`?filter=${encodeURIComponent('trunk.state where trunk=b, node.*')}`);
    trunkIs('a', 'up');
    trunkIs('b', 'up');
    draining();
    await until('the last', () => heard.text.includes('node.draining'));
    expect([...heard.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual(['run-2', 'run-3']);
  });

  test('goes on where it broke off', async () => {
    for (const name of ['a', 'b', 'c']) trunkIs(name, 'up');
    const heard = await listen('', 'run-1');
    await until('what was missed', () => heard.text.includes('run-3'));
    expect(heard.text).not.toContain('id: run-1\n');
    draining();
    await until('what came then', () => heard.text.includes('run-4'));
  });

  test('after another run, all that is remembered comes', async () => {
    for (let count = 0; count < 7; count += 1) trunkIs(String(count), 'up');
    const heard = await listen('', 'earlier-99');
    await until('all', () => heard.text.includes('run-7'));
    expect([...heard.text.matchAll(/^id: run-(\d)$/gm)].map(([, id]) => Number(id))).toEqual([3, 4, 5, 6, 7]);
  });

  test('beats while nothing happens', async () => {
    const heard = await listen();
    await clock.advance(15_000);
    await until('a heartbeat', () => heard.text.includes(': still here'));
    await clock.advance(15_000);
    await until('another', () => heard.text.split(': still here').length === 3);
  });

  test('who does not read is cut off, and nothing grows', async () => {
    const heard = await listen();
    heard.socket.pause();
    const detail = 'x'.repeat(10_000);
    await until('the end', () => {
      for (let count = 0; count < 100; count += 1) control.emitter.emit('trunk.state', { trunk: 'a', state: 'up', detail });
      return clock.pending === 0;
    });
    heard.socket.resume();
    await until('the connection to be closed', () => heard.closed);
  });

  test('there are so many and no more', async () => {
    for (let count = 0; count < 200; count += 1) await listen();
    const port = server.http?.port;
    expect((await fetch(`http://127.0.0.1:${port}/api/v1/events`)).status).toBe(503);
    sockets[0]?.destroy();
    await until('a free place', async () => {
      const controller = new AbortController();
      const { status } = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { signal: controller.signal });
      controller.abort();
      return status === 200;
    });
  });

  test('is not opened for who asks for its head only', async () => {
    const { port } = server.http ?? { port: 0 };
    for (let asked = 0; asked < 201; asked += 1) {
      const { status } = await fetch(`http://127.0.0.1:${port}/api/v1/events`, { method: 'HEAD' });
      expect(status).toBe(200);
    }
    await listen();
  });
});
