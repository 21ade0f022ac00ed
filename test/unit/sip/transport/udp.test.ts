import { createSocket, type Socket } from 'node:dgram';
import { networkInterfaces } from 'node:os';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../../src/base/clock.ts';
import { silentLog } from '../../../../src/base/log.ts';
import { localHostTowards, RouteCache } from '../../../../src/sip/transport/route.ts';
import { type UdpOptions, UdpTransport } from '../../../../src/sip/transport/udp.ts';
import { limits, options, Recorder, until } from './recorder.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((list) => list?.some(({ address }) => address === '::1'));

let out: Recorder;
let transport: UdpTransport;
let peer: Socket;
let heard: string[];

async function start(host = '127.0.0.1', more: Partial<UdpOptions> = {}): Promise<void> {
  await transport?.close();
  out = new Recorder();
  transport = await UdpTransport.bind(
    { address: { host, port: 0 }, admit: () => true, clock: systemClock, log: silentLog, limits, ...more },
    out,
  );
}

async function startPeer(host = '127.0.0.1'): Promise<void> {
  peer?.close();
  heard = [];
  peer = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  peer.on('message', (bytes) => heard.push(bytes.toString()));
  await new Promise<void>((resolve) => peer.bind(0, host, resolve));
}

beforeEach(async () => {
  await start();
  await startPeer();
});

afterEach(() => transport.close());

function send(bytes: string | Uint8Array, host = '127.0.0.1'): void {
  peer.send(bytes, transport.local.port, host);
}

describe('datagrams', () => {
  test('a message arrives with a flow that answers to where it came from', async () => {
    send(options('hello'));
    await until(() => out.received.length === 1);
    const flow = out.flow();
    expect(flow).toMatchObject({
      transport: 'udp',
      reliable: false,
      closed: false,
      remote: { host: '127.0.0.1', port: peer.address().port },
    });
    expect(flow.local).toEqual(transport.local);
    flow.send(Buffer.from('answer'));
    flow.close();
    flow.send(Buffer.from('again'));
    await until(() => heard.length === 2);
    expect(out.departures.map(({ bytes }) => String(bytes))).toEqual(['answer', 'again']);
    expect(out.departures[0]?.flow).toBe(flow);
    expect(heard).toEqual(['answer', 'again']);
  });

  test('flows are found by their id, and by their address', async () => {
    send(options());
    await until(() => out.received.length === 1);
    const { id } = out.flow();
    expect(transport.flow(id)?.id).toBe(id);
    expect(transport.flowTo({ host: '127.0.0.1', port: peer.address().port }).id).toBe(id);
    expect(transport.flow('udp-127.0.0.1:1-127.0.0.1:2')).toBeUndefined();
    expect(transport.flow('ws-1')).toBeUndefined();
  });

  test('an address has one flow, as long as there are not too many', () => {
    const to = (port: number) => transport.flowTo({ host: '127.0.0.1', port });
    const first = to(1);
    expect(to(1)).toBe(first);
    expect(to(2).id).not.toBe(first.id);
    for (let port = 1; port <= 1001; port++) to(port);
    expect(to(1)).not.toBe(first);
    expect(to(1).id).toBe(first.id);
  });

  test('octets beyond Content-Length do not matter', async () => {
    send(`${options('hello')}padding`);
    await until(() => out.received.length === 1);
  });

  test('keep-alives are passed over and garbage is told upward', async () => {
    for (const bytes of ['', '\r\n', '\r\n\r\n', 'garbage', Buffer.alloc(1400, 0xff)]) send(bytes);
    send(options());
    await until(() => out.received.length === 1);
    expect(out.errors).toHaveLength(2);
  });

  test('the largest datagram there is', async () => {
    send(options('x'.repeat(64_500)));
    await until(() => out.received.length === 1);
    expect(out.received[0]?.message.body).toHaveLength(64_500);
  });

  test('strangers are counted before their bytes are looked at, and get no answer', async () => {
    const asked: string[] = [];
    const admit = (host: string): boolean => {
      asked.push(host);
      return false;
    };
    await start('127.0.0.1', { admit });
    send(options());
    send('garbage');
    await until(() => transport.refused === 2);
    expect(asked).toEqual(['127.0.0.1', '127.0.0.1']);
    expect([out.received, out.errors, heard]).toEqual([[], [], []]);
    expect(out.refusals).toMatchObject([{ kind: 'source', host: '127.0.0.1', count: 1 }]);
  });

  test('a flood is dropped beyond its rate, and time makes room again', async () => {
    let now = 0;
    await start('127.0.0.1', { limits: { trunkMessagesPerSec: 5 }, clock: { ...systemClock, now: () => now } });
    for (let at = 0; at < 50; at++) send(options());
    await until(() => transport.refused === 40);
    expect(out.received).toHaveLength(10);
    expect(out.refusals).toMatchObject([{ kind: 'rate' }]);
    now = 1000;
    send(options());
    await until(() => out.received.length === 11);
  });

  test('an address in use is refused', async () => {
    const taken = { address: transport.local, admit: () => true, clock: systemClock, log: silentLog, limits };
    await expect(UdpTransport.bind(taken, out)).rejects.toThrow('EADDRINUSE');
  });

  test('sending to an impossible address, or after close, does nothing', async () => {
    const flow = transport.flowTo({ host: '127.0.0.1', port: 0 });
    flow.send(Buffer.from('x'));
    const open = transport.flowTo({ host: '127.0.0.1', port: peer.address().port });
    await transport.close();
    await transport.close();
    open.send(Buffer.from('x'));
    expect(out.departures).toEqual([]);
  });
});

describe('addresses', () => {
  test('a wildcard socket names the address of the route', async () => {
    await start('0.0.0.0');
    expect(transport.flowTo({ host: '127.0.0.1', port: 5060 }).local).toEqual({ host: '127.0.0.1', port: transport.local.port });
  });

  test('an IPv4 socket does not reach IPv6', () => {
    expect([transport.reaches('192.0.2.1'), transport.reaches('2001:db8::1')]).toEqual([true, false]);
  });

  test.runIf(hasIpv6)('IPv6', async () => {
    await start('::1');
    await startPeer('::1');
    send(options(), '::1');
    await until(() => out.received.length === 1);
    expect(out.flow().remote.host).toBe('::1');
    expect(transport.flow(out.flow().id)?.remote).toEqual(out.flow().remote);
    out.flow().send(Buffer.from('answer'));
    await until(() => heard.length === 1);
    expect([transport.reaches('192.0.2.1'), transport.reaches('2001:db8::1')]).toEqual([false, true]);
  });

  test.runIf(hasIpv6)('an IPv6 wildcard socket speaks IPv4 too, under plain addresses', async () => {
    const asked: string[] = [];
    await start('::', { admit: (host) => asked.push(host) > 0 });
    send(options());
    await until(() => out.received.length === 1);
    expect(asked).toEqual(['127.0.0.1']);
    expect(out.flow().remote.host).toBe('127.0.0.1');
    out.flow().send(Buffer.from('answer'));
    await until(() => heard.length === 1);
    expect(transport.reaches('192.0.2.1')).toBe(true);
  });

  test('routes are asked of the kernel and kept for a minute', () => {
    expect(localHostTowards('127.0.0.1')).toBe('127.0.0.1');
    expect(localHostTowards('not an address')).toBeUndefined();
    const cache = new RouteCache();
    expect(cache.towards('127.0.0.1', 'fallback', 0)).toBe('127.0.0.1');
    expect(cache.towards('not an address', 'fallback', 0)).toBe('fallback');
  });
});
