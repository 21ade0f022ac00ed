import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Clock, systemClock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { type TcpOptions, TcpTransport } from '../../../../src/sip/transport/tcp.ts';
import { limits, options, Recorder, until } from './recorder.ts';

let out: Recorder;
let transport: TcpTransport;
const sockets: Socket[] = [];
const servers: Server[] = [];

async function start(more: Partial<TcpOptions> = {}): Promise<void> {
  await transport?.close();
  out = new Recorder();
  const address = { host: '127.0.0.1', port: 0 };
  transport = await TcpTransport.listen({ address, admit: () => true, clock: systemClock, log: silentLog, limits, ...more }, out);
}

beforeEach(() => start());

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  await transport.close();
});

interface Client {
  readonly socket: Socket;
  readonly text: () => string;
  readonly closed: Promise<void>;
}

function watch(socket: Socket): Client {
  let text = '';
  sockets.push(socket);
  socket.on('data', (bytes) => {
    text += bytes.toString();
  });
  socket.on('error', () => {});
  return { socket, text: () => text, closed: new Promise((resolve) => socket.once('close', () => resolve())) };
}

async function client(): Promise<Client> {
  const socket = connect(transport.local.port, '127.0.0.1');
  const watched = watch(socket);
  await new Promise((resolve) => socket.once('connect', resolve));
  return watched;
}

async function listener(): Promise<{ port: number; accepted: Client[] }> {
  const accepted: Client[] = [];
  const server = createServer((socket) => accepted.push(watch(socket)));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const bound = server.address();
  return { port: typeof bound === 'object' && bound ? bound.port : 0, accepted };
}

describe('messages', () => {
  test('are found in the stream however it is cut', async () => {
    const { socket } = await client();
    const stream = `\r\n${options('one', '1')}${options('', '2')}${options('three', '3')}`;
    for (let at = 0; at < stream.length; at += 100) {
      socket.write(stream.slice(at, at + 100));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until(() => out.received.length === 3);
    expect(out.received.map(({ message }) => message.headers.callId)).toEqual(['1', '2', '3']);
    expect(out.flow()).toMatchObject({ transport: 'tcp', reliable: true, closed: false, local: transport.local });
    expect(transport.flow(out.flow().id)).toBe(out.flow());
  });

  test('answers go back on the connection', async () => {
    const { socket, text } = await client();
    socket.write(options());
    await until(() => out.received.length === 1);
    out.flow().send(Buffer.from('answer'));
    await until(() => text() === 'answer');
    expect(out.departures).toEqual([{ bytes: Buffer.from('answer'), flow: out.flow() }]);
  });

  test('a double CRLF is answered', async () => {
    const { socket, text } = await client();
    socket.write('\r\n\r\n');
    await until(() => text() === '\r\n');
    expect(out.departures).toEqual([]);
  });

  test('a stream without borders is told upward and closed', async () => {
    const { socket, closed } = await client();
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await closed;
    expect(out.errors.length).toBeGreaterThan(0);
    expect(out.closes).toHaveLength(1);
  });

  test('a message beyond the limit is cut off', async () => {
    const { socket, closed } = await client();
    socket.write(options('x'.repeat(limits.messageBytes)));
    await closed;
    expect(out.received).toEqual([]);
  });
});

describe('time', () => {
  test('a message that trickles in is cut off', async () => {
    await start({ messageMs: 100 });
    const { socket, closed } = await client();
    const text = options();
    let at = 0;
    const trickle = setInterval(() => socket.write(text.charAt(at++)), 10);
    await closed;
    clearInterval(trickle);
    expect(at).toBeLessThan(100);
    expect(out.received).toEqual([]);
    await until(() => transport.connections === 0);
  });

  test('a peer that is too fast waits, and loses nothing', async () => {
    await start({ limits: { ...limits, trunkMessagesPerSec: 50 }, messageMs: 200 });
    const { socket } = await client();
    for (let at = 0; at < 130; at++) socket.write(options());
    const text = options();
    socket.write(text.slice(0, 100));
    await until(() => out.received.length >= 100);
    await until(() => out.received.length === 130);
    socket.write(text.slice(100));
    await until(() => out.received.length === 131);
    expect(out.closes).toEqual([]);
  });

  test('a flood of pings is read no faster', async () => {
    await start({ limits: { ...limits, trunkMessagesPerSec: 50 } });
    const { socket, text } = await client();
    const pings = 100_000;
    socket.write('\r\n\r\n'.repeat(pings));
    await until(() => text().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(text().length).toBeLessThan(pings);
  });

  test('an idle connection is closed, a used one stays', async () => {
    await start({ idleMs: 1500 });
    const idle = await client();
    const used = await client();
    const use = setInterval(() => used.socket.write('\r\n\r\n'), 50);
    await idle.closed;
    await new Promise((resolve) => setTimeout(resolve, 200));
    clearInterval(use);
    expect(used.socket.closed).toBe(false);
    await used.closed;
  });
});

describe('who may connect', () => {
  test('strangers are cut off unread', async () => {
    await start({ admit: () => false });
    const { closed, socket } = await client();
    socket.write(options());
    await closed;
    expect(transport.refused).toBe(1);
    expect(out.refusals).toMatchObject([{ kind: 'source', host: '127.0.0.1' }]);
    expect([out.received, out.closes]).toEqual([[], []]);
  });

  test('connections are limited', async () => {
    await start({ limits: { ...limits, connections: 2 } });
    const first = await client();
    await client();
    const third = await client();
    await third.closed;
    expect(transport.connections).toBe(2);
    first.socket.destroy();
    await until(() => transport.connections === 1);
    const fourth = await client();
    fourth.socket.write(options());
    await until(() => out.received.length === 1);
  });

  test('a peer that does not read is cut off', async () => {
    await start({ maxBuffered: 100_000 });
    const { socket } = await client();
    socket.write(options());
    await until(() => out.received.length === 1);
    socket.pause();
    for (let at = 0; at < 5000 && !out.flow().closed; at++) out.flow().send(Buffer.alloc(8192, 0x41));
    expect(out.flow().closed).toBe(true);
    await until(() => out.closes.length === 1);
  });
});

describe('connections that we open', () => {
  test('are shared, and made again after they closed', async () => {
    const { port, accepted } = await listener();
    const remote = { host: '127.0.0.1', port };
    const [first, second] = await Promise.all([transport.connect(remote), transport.connect(remote)]);
    expect(first).toBe(second);
    first?.send(Buffer.from(options()));
    await until(() => accepted[0]?.text() === options());
    accepted[0]?.socket.write(options('', 'back'));
    await until(() => out.received.length === 1);
    expect(out.flow()).toBe(first);
    accepted[0]?.socket.destroy();
    await until(() => out.closes.length === 1);
    const third = await transport.connect(remote);
    expect(third.id).not.toBe(first?.id);
    expect(accepted).toHaveLength(2);
  });

  test('a refused one rejects, and so does one without answer', async () => {
    const { port } = await listener();
    servers.pop()?.close();
    await expect(transport.connect({ host: '127.0.0.1', port })).rejects.toThrow('ECONNREFUSED');
    const silent = await listener();
    const clock: Clock = {
      ...systemClock,
      after(delayMs, callback) {
        if (delayMs !== 2000) return systemClock.after(delayMs, callback);
        queueMicrotask(callback);
        return () => {};
      },
    };
    await start({ clock });
    await expect(transport.connect({ host: '127.0.0.1', port: silent.port })).rejects.toThrow('no connection within 2000 ms');
    expect(transport.connections).toBe(0);
  });

  test('close ends everything and refuses more', async () => {
    const { port, accepted } = await listener();
    await transport.connect({ host: '127.0.0.1', port });
    const incoming = await client();
    await until(() => transport.connections === 2);
    const closing = transport.close();
    expect(transport.close()).toBe(closing);
    await closing;
    await incoming.closed;
    await accepted[0]?.closed;
    expect(out.closes).toHaveLength(2);
    await expect(transport.connect({ host: '127.0.0.1', port })).rejects.toThrow('closed');
  });
});
