import { createServer, request, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Clock, systemClock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { type WebSocketOptions, WebSocketTransport } from '../../../../src/sip/transport/websocket.ts';
import { limits, options, Recorder, until } from './recorder.ts';

let server: Server;
let transport: WebSocketTransport;
let out: Recorder;
let port: number;
const clients: WebSocket[] = [];

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
  start({});
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.terminate();
  await transport.close();
  server.close();
});

function start(more: Partial<WebSocketOptions>): void {
  out = new Recorder();
  transport = new WebSocketTransport({ clock: systemClock, log: silentLog, allowedOrigins: ['none'], limits, ...more }, out);
  server.removeAllListeners('upgrade');
  server.on('upgrade', (...parts) => transport.upgrade(...parts));
}

function client(settings: { protocols?: string[]; origin?: string } = {}): WebSocket {
  const extra = settings.origin === undefined ? {} : { origin: settings.origin };
  const socket = new WebSocket(`ws://127.0.0.1:${port}/sip`, settings.protocols ?? ['sip'], { ...extra, perMessageDeflate: true });
  socket.on('error', () => {});
  clients.push(socket);
  return socket;
}

async function opened(settings: { protocols?: string[]; origin?: string } = {}): Promise<WebSocket> {
  const socket = client(settings);
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  return socket;
}

/** The HTTP status of a refused handshake. */
function refusal(settings: { protocols?: string[]; origin?: string } = {}): Promise<number | undefined> {
  const socket = client(settings);
  return new Promise((resolve, reject) => {
    socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
    socket.once('open', () => reject(new Error('accepted')));
  });
}

function closeCode(socket: WebSocket): Promise<number> {
  return new Promise((resolve) => socket.once('close', resolve));
}

function nextMessage(socket: WebSocket): Promise<{ text: string; binary: boolean }> {
  return new Promise((resolve) => socket.once('message', (data, binary) => resolve({ text: data.toString(), binary })));
}

describe('handshake', () => {
  test('names the subprotocol and takes no compression', async () => {
    const socket = await opened({ protocols: ['xmpp', 'sip'] });
    expect(socket.protocol).toBe('sip');
    expect(socket.extensions).toBe('');
  });

  test('without subprotocol sip it is refused with 400', async () => {
    expect(await refusal({ protocols: [] })).toBe(400);
    expect(await refusal({ protocols: ['sips'] })).toBe(400);
    expect(out.received).toEqual([]);
  });

  test('origins: our own and listed ones pass, others get 403', async () => {
    start({ allowedOrigins: ['https://app.example.com'] });
    await opened({ origin: `http://127.0.0.1:${port}` });
    await opened({ origin: 'https://app.example.com' });
    expect(await refusal()).toBe(403);
    expect(await refusal({ origin: 'null' })).toBe(403);
    expect(await refusal({ origin: 'https://app.example.com.evil.example' })).toBe(403);
    expect(transport.refused).toBe(3);
  });

  test('connections are limited, for one address and in all', async () => {
    start({ limits: { ...limits, connectionsPerAddress: 2 } });
    const first = await opened();
    await opened();
    expect(await refusal()).toBe(429);
    first.close();
    await until(() => transport.connections === 1);
    await opened();
    start({ limits: { ...limits, connections: 0 } });
    expect(await refusal()).toBe(503);
  });

  test('a refused handshake gives its place back', async () => {
    for (let at = 0; at < 20; at++) {
      const status = await new Promise<number | undefined>((resolve) => {
        const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'sip', 'Sec-WebSocket-Version': '13' };
        request({ port, host: '127.0.0.1', path: '/sip', headers }, (response) => resolve(response.statusCode)).end();
      });
      expect(status).toBe(400);
    }
    await until(() => transport.connections === 0);
    await opened();
  });

  test('a peer that vanishes during the handshake does no harm', async () => {
    const head = 'GET /sip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n';
    for (let at = 0; at < 5; at++) {
      const socket = connect(port, '127.0.0.1', () => {
        socket.write(`${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`);
        socket.resetAndDestroy();
      });
      socket.on('error', () => {});
    }
    await opened();
    await until(() => transport.connections === 1);
  });
});

describe('messages', () => {
  test('text and binary messages arrive alike', async () => {
    const socket = await opened();
    socket.send(options());
    socket.send(Buffer.from(options()));
    await until(() => out.received.length === 2);
    expect(out.received[0]?.message).toMatchObject({ kind: 'request', method: 'OPTIONS' });
    expect(out.flow(0)).toBe(out.flow(1));
    expect(out.flow()).toMatchObject({ transport: 'ws', reliable: true, closed: false, local: { host: '127.0.0.1', port } });
    expect(transport.flow(out.flow().id)).toBe(out.flow());
  });

  test('one message in many fragments is one message', async () => {
    const socket = await opened();
    const text = options('hello');
    for (let at = 0; at < text.length; at += 7) socket.send(text.slice(at, at + 7), { fin: at + 7 >= text.length });
    await until(() => out.received.length === 1);
    expect(Buffer.from(out.received[0]?.message.body ?? []).toString()).toBe('hello');
  });

  test('several messages in one are refused, with enough of the first to answer it', async () => {
    const socket = await opened();
    socket.send(options() + options());
    await until(() => out.errors.length === 1);
    expect(out.errors[0]?.error).toMatchObject({ status: 400, partial: { method: 'OPTIONS' } });
    expect(out.received).toEqual([]);
  });

  test('line ends around a message are no second message', async () => {
    const socket = await opened();
    socket.send(`\r\n${options('hello')}\r\n\r\n`);
    await until(() => out.received.length === 1);
  });

  test('a message that ends with its header fields is one message', async () => {
    const socket = await opened();
    socket.send(options().slice(0, -2));
    await until(() => out.received.length === 1);
  });

  test('garbage is told upward and the connection stays', async () => {
    const socket = await opened();
    socket.send('GET / HTTP/1.1\r\n\r\n');
    socket.send(Buffer.alloc(100, 0xff));
    socket.send('');
    socket.send(options());
    await until(() => out.received.length === 1);
    expect(out.errors).toHaveLength(2);
  });

  test('a defect above ends neither connection nor process', async () => {
    out.receive = () => {
      throw new Error('defect');
    };
    const socket = await opened();
    socket.send(options());
    socket.send('\r\n\r\n');
    expect((await nextMessage(socket)).text).toBe('\r\n');
  });

  test('a double CRLF is answered with one CRLF', async () => {
    const socket = await opened();
    socket.send('\r\n');
    socket.send('\r\n\r\n');
    expect(await nextMessage(socket)).toEqual({ text: '\r\n', binary: false });
    expect([out.errors, out.departures]).toEqual([[], []]);
  });

  test('UTF-8 goes out as text, other bytes as binary', async () => {
    const socket = await opened();
    socket.send(options());
    await until(() => out.received.length === 1);
    const text = nextMessage(socket);
    out.flow().send(Buffer.from('Grüße'));
    expect(await text).toEqual({ text: 'Grüße', binary: false });
    const binary = nextMessage(socket);
    out.flow().send(Uint8Array.of(0xfc));
    expect((await binary).binary).toBe(true);
    expect(out.departures.map(({ flow }) => flow)).toEqual([out.flow(), out.flow()]);
  });

  test('a message beyond the limit ends the connection', async () => {
    const socket = await opened();
    const code = closeCode(socket);
    socket.send(Buffer.alloc(limits.messageBytes + 1, 0x20));
    expect(await code).toBe(1009);
    expect(out.received).toEqual([]);
  });

  test('a flood ends the connection', async () => {
    start({ limits: { ...limits, messagesPerSec: 5 } });
    const socket = await opened();
    const code = closeCode(socket);
    for (let at = 0; at < 50; at++) socket.send(options());
    expect(await code).toBe(1008);
    expect(out.received.length).toBeLessThanOrEqual(11);
    expect(out.refusals).toMatchObject([{ kind: 'rate', host: '127.0.0.1' }]);
  });

  test('a flood of pings does, too', async () => {
    start({ limits: { ...limits, messagesPerSec: 5 } });
    const socket = await opened();
    const code = closeCode(socket);
    for (let at = 0; at < 50; at++) socket.ping();
    expect(await code).toBe(1008);
  });

  test('frames against the rules end the connection, not the process', async () => {
    const head = `GET /sip HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: sip\r\n`;
    const handshake = `${head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`;
    const unmasked = [0x81, 0x02, 0x0d, 0x0a];
    const longPing = [0x89, 0xfe, 0x00, 0x7e];
    const reserved = [0xf1, 0x80, 0, 0, 0, 0];
    const huge = [0x82, 0xff, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff];
    const noUtf8 = [0x81, 0x81, 0, 0, 0, 0, 0xff];
    for (const frame of [unmasked, longPing, reserved, huge, noUtf8]) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.write(Buffer.concat([Buffer.from(handshake), Buffer.from(frame)]));
      await new Promise((resolve) => socket.once('close', resolve));
    }
    await until(() => transport.connections === 0 && out.closes.length === 5);
    await opened();
  });

  test('a peer that does not read is cut off', async () => {
    start({ maxBuffered: 100_000 });
    const socket = await opened();
    socket.send(options());
    await until(() => out.received.length === 1);
    socket.pause();
    const flow = out.flow();
    for (let at = 0; at < 2000 && !flow.closed; at++) flow.send(Buffer.alloc(8192, 0x41));
    expect(flow.closed).toBe(true);
    await until(() => out.closes.length === 1);
  });
});

describe('the end of a connection', () => {
  test('comes soon when nobody has learnt whose it is', async () => {
    start({ limits: { ...limits, anonymousSec: 0.1 } });
    const known = await opened();
    await until(() => transport.connections === 1);
    transport.accept('ws-1');
    const unknown = await opened();
    await closeCode(unknown);
    expect([known.readyState, transport.refused]).toEqual([WebSocket.OPEN, 1]);
    await until(() => transport.connections === 1);
  });

  test('is told once, whoever brings it about', async () => {
    const leaving = await opened();
    leaving.send(options());
    const left = await opened();
    left.send(options());
    await until(() => out.received.length === 2);
    leaving.terminate();
    out.flow(1).close();
    out.flow(1).close();
    await until(() => out.closes.length === 2);
    expect(out.flow(1).closed).toBe(true);
    out.flow(1).send(Buffer.from('nothing'));
    expect(transport.flow(out.flow(1).id)).toBeUndefined();
    await until(() => transport.connections === 0);
  });

  test('two pings without an answer end it; answered ones do not', async () => {
    const pings: (() => void)[] = [];
    const clock: Clock = {
      ...systemClock,
      after: (delayMs, callback) => {
        if (delayMs !== 20_000) return systemClock.after(delayMs, callback);
        pings.push(callback);
        return () => {};
      },
    };
    start({ clock });
    const alive = await opened();
    const dead = new WebSocket(`ws://127.0.0.1:${port}/sip`, ['sip'], { autoPong: false });
    clients.push(dead);
    await new Promise((resolve) => dead.once('open', resolve));
    let seen = 0;
    alive.on('ping', () => seen++);
    dead.on('ping', () => seen++);
    const tick = (): void => pings.shift()?.();
    tick();
    await until(() => seen === 2);
    tick();
    await until(() => seen === 4);
    expect(transport.connections).toBe(2);
    tick();
    await until(() => transport.connections === 1);
    expect(dead.readyState).toBeGreaterThan(WebSocket.OPEN);
    expect(alive.readyState).toBe(WebSocket.OPEN);
    expect(out.closes).toHaveLength(1);
  });

  test('closing the transport closes all of them and refuses new ones', async () => {
    const socket = await opened();
    const code = closeCode(socket);
    const closing = transport.close();
    expect(transport.close()).toBe(closing);
    expect(await code).toBe(1001);
    await closing;
    expect(out.closes).toHaveLength(1);
    expect(await refusal()).toBe(503);
  });

  test('closing does not wait for a peer that keeps silent', async () => {
    const socket = await opened();
    socket.pause();
    await transport.close();
    expect(transport.connections).toBe(0);
  });
});
