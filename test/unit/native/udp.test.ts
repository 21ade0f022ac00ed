import { afterAll, expect, test } from 'vitest';
import { Readiness } from '../../../src/native/epoll.ts';
import { connectedPeer, Datagrams, pause } from '../../../src/native/udp.ts';

const datagrams = new Datagrams(2048, 64, 16);
const readiness = new Readiness();
afterAll(() => readiness.close());

function open(host = '127.0.0.1') {
  const fd = datagrams.open({ host, port: 0 }, 1 << 20);
  return { fd, address: datagrams.localAddress(fd) };
}

/** Loopback delivers within the call, but for the odd moment. */
function eventually(receive: () => number): number {
  for (let tries = 0; tries < 100; tries++) {
    datagrams.clear();
    const count = receive();
    if (count > 0) return count;
    pause(1000);
  }
  return 0;
}

function bytesOf(index: number): number[] {
  const at = datagrams.offset(index);
  return [...datagrams.bytes.subarray(at, at + datagrams.length(index))];
}

test.each(['127.0.0.1', '::1'])('a batch over %s arrives whole, in order, with its sender', (host) => {
  const a = open(host);
  const b = open(host);
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(2, a.address);
  for (let index = 0; index < 10; index++) datagrams.queue(a.fd, 1, Uint8Array.of(0, index, 7), 1, 2);
  datagrams.flush();
  expect(eventually(() => datagrams.receiveBatch(b.fd))).toBe(10);
  for (let index = 0; index < 10; index++) {
    expect(bytesOf(index)).toEqual([index, 7]);
    expect(datagrams.isFrom(index, 2)).toBe(true);
    expect(datagrams.isFrom(index, 1)).toBe(false);
    expect(datagrams.addressOf(index)).toEqual(a.address);
    expect(datagrams.hashOf(index)).toBe(datagrams.hashOf(0));
  }
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('the hashes of senders that differ in one octet differ in their lowest bits', () => {
  const receiver = open('127.0.0.1');
  datagrams.setEndpoint(1, receiver.address);
  const { port } = receiver.address;
  const senders = Array.from({ length: 60 }, (_, index) => datagrams.open({ host: `127.0.0.${index + 2}`, port }, 1 << 16));
  for (const fd of senders) datagrams.send(fd, 1, Uint8Array.of(1), 0, 1);
  expect(eventually(() => datagrams.receiveBatch(receiver.fd))).toBe(60);
  const lowest = new Set(senders.map((_, index) => datagrams.hashOf(index) & 0x3ff));
  expect(lowest.size).toBeGreaterThan(50);
  for (const fd of [receiver.fd, ...senders]) datagrams.close(fd);
});

test('one by one, each is told with its own sender', () => {
  const a = open();
  const b = open();
  const c = open();
  datagrams.setEndpoint(1, c.address);
  datagrams.setEndpoint(2, a.address);
  datagrams.setEndpoint(3, b.address);
  datagrams.send(a.fd, 1, Uint8Array.of(1), 0, 1);
  datagrams.send(b.fd, 1, Uint8Array.of(2), 0, 1);
  expect(eventually(() => datagrams.receive(c.fd))).toBe(1);
  expect([bytesOf(0), datagrams.isFrom(0, 2)]).toEqual([[1], true]);
  expect(eventually(() => datagrams.receive(c.fd))).toBe(1);
  expect([bytesOf(0), datagrams.isFrom(0, 3)]).toEqual([[2], true]);
  expect(datagrams.receive(c.fd)).toBe(0);
  for (const { fd } of [a, b, c]) datagrams.close(fd);
});

test('a received datagram is sent on from where it lies', () => {
  const a = open();
  const b = open();
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(2, a.address);
  datagrams.send(a.fd, 1, Uint8Array.of(1, 2, 3), 0, 3);
  expect(eventually(() => datagrams.receive(b.fd))).toBe(1);
  datagrams.queue(b.fd, 2, datagrams.bytes, datagrams.offset(0) + 1, 2);
  datagrams.flush();
  expect(eventually(() => datagrams.receive(a.fd))).toBe(1);
  expect(bytesOf(0)).toEqual([2, 3]);
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a datagram that is too long says so, in either way of receiving', () => {
  const a = open();
  const b = open();
  const long = new Datagrams(8192, 0, 2);
  long.setEndpoint(1, b.address);
  for (const receive of [() => datagrams.receive(b.fd), () => datagrams.receiveBatch(b.fd)]) {
    long.send(a.fd, 1, new Uint8Array(3000), 0, 3000);
    expect(eventually(receive)).toBe(1);
    expect(datagrams.length(0)).toBe(-1);
  }
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a connected socket hears its peer alone, and sends to it although it was refused before', () => {
  const a = open();
  const stranger = open();
  const b = open();
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(2, a.address);
  expect(datagrams.connect(b.fd, 2)).toBe(true);
  datagrams.send(stranger.fd, 1, Uint8Array.of(9), 0, 1);
  datagrams.send(a.fd, 1, Uint8Array.of(1), 0, 1);
  expect(eventually(() => datagrams.receive(b.fd))).toBe(1);
  expect(bytesOf(0)).toEqual([1]);
  datagrams.send(b.fd, connectedPeer, Uint8Array.of(2), 0, 1);
  expect(eventually(() => datagrams.receive(a.fd))).toBe(1);
  datagrams.close(a.fd);
  for (let round = 0; round < 3; round++) datagrams.send(b.fd, connectedPeer, Uint8Array.of(3), 0, 1);
  const again = datagrams.open(a.address, 1 << 20);
  datagrams.send(b.fd, connectedPeer, Uint8Array.of(4), 0, 1);
  expect(eventually(() => datagrams.receive(again))).toBe(1);
  expect(bytesOf(0)).toEqual([4]);
  datagrams.close(again);
  datagrams.close(stranger.fd);
  datagrams.close(b.fd);
});

test('what waits for the peer of a connected socket still goes there when the socket is connected elsewhere', () => {
  const a = open();
  const former = open();
  const latter = open();
  datagrams.setEndpoint(1, former.address);
  datagrams.setEndpoint(2, latter.address);
  datagrams.connect(a.fd, 1);
  datagrams.queue(a.fd, connectedPeer, Uint8Array.of(1), 0, 1);
  datagrams.connect(a.fd, 2);
  datagrams.queue(a.fd, connectedPeer, Uint8Array.of(2), 0, 1);
  datagrams.disconnect(a.fd);
  expect(eventually(() => datagrams.receive(former.fd))).toBe(1);
  expect(bytesOf(0)).toEqual([1]);
  expect(eventually(() => datagrams.receive(latter.fd))).toBe(1);
  expect(bytesOf(0)).toEqual([2]);
  for (const { fd } of [a, former, latter]) datagrams.close(fd);
});

test('a dead address costs only its own datagrams', () => {
  const a = open();
  const b = open();
  const dead = open();
  datagrams.close(dead.fd);
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(3, dead.address);
  for (let round = 0; round < 5; round++) {
    datagrams.queue(a.fd, 3, Uint8Array.of(9), 0, 1);
    datagrams.queue(a.fd, 1, Uint8Array.of(round), 0, 1);
  }
  datagrams.flush();
  for (let arrived = 0; arrived < 5; ) {
    const count = eventually(() => datagrams.receiveBatch(b.fd));
    expect(count).toBeGreaterThan(0);
    arrived += count;
  }
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a socket with something to receive is named by its tag, until it closes', () => {
  const a = open();
  const b = open();
  readiness.add(b.fd, 42);
  expect(readiness.wait(0)).toBe(0);
  datagrams.setEndpoint(1, b.address);
  datagrams.send(a.fd, 1, Uint8Array.of(1), 0, 1);
  expect(readiness.wait(1000)).toBe(1);
  expect(readiness.ready(0)).toBe(42);
  datagrams.close(b.fd);
  expect(readiness.wait(0)).toBe(0);
  datagrams.close(a.fd);
});

test('errors carry the name that the system gives them', () => {
  const a = open();
  expect(() => datagrams.open(a.address, 1 << 20)).toThrow(expect.objectContaining({ code: 'EADDRINUSE' }));
  expect(() => datagrams.open({ host: '192.0.2.1', port: 0 }, 1 << 20)).toThrow(expect.objectContaining({ code: 'EADDRNOTAVAIL' }));
  datagrams.close(a.fd);
});
