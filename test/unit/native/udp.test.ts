import { afterAll, expect, test } from 'vitest';
import { batchSize, Datagrams, pause, Readiness } from '../../../src/native/udp.ts';

const datagrams = new Datagrams(2048, 64, 16);
const readiness = new Readiness();
afterAll(() => readiness.close());

function open(host = '127.0.0.1') {
  const fd = datagrams.open({ host, port: 0 }, 1 << 20);
  return { fd, address: datagrams.localAddress(fd) };
}

/** Loopback delivers within the call, but for the odd moment. */
function receive(fd: number, max = batchSize): number {
  for (let tries = 0; tries < 100; tries++) {
    const count = datagrams.receive(fd, max);
    if (count > 0) return count;
    pause(1000);
  }
  return 0;
}

test.each(['127.0.0.1', '::1'])('a batch over %s arrives whole, in order, with its sender', (host) => {
  const a = open(host);
  const b = open(host);
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(2, a.address);
  for (let index = 0; index < 10; index++) datagrams.send(a.fd, 1, Uint8Array.of(0, index, 7), 1, 2);
  datagrams.flush();
  expect(receive(b.fd)).toBe(10);
  for (let index = 0; index < 10; index++) {
    const at = datagrams.offset(index);
    expect([...datagrams.bytes.subarray(at, at + datagrams.length(index))]).toEqual([index, 7]);
    expect(datagrams.isFrom(index, 2)).toBe(true);
    expect(datagrams.isFrom(index, 1)).toBe(false);
    expect(datagrams.addressOf(index)).toEqual(a.address);
    expect(datagrams.hashOf(index)).toBe(datagrams.hashOf(0));
  }
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a received datagram is sent on from where it lies', () => {
  const a = open();
  const b = open();
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(2, a.address);
  datagrams.send(a.fd, 1, Uint8Array.of(1, 2, 3), 0, 3);
  datagrams.flush();
  expect(receive(b.fd)).toBe(1);
  datagrams.send(b.fd, 2, datagrams.bytes, datagrams.offset(0) + 1, 2);
  datagrams.flush();
  expect(receive(a.fd)).toBe(1);
  expect([...datagrams.bytes.subarray(datagrams.offset(0), datagrams.offset(0) + datagrams.length(0))]).toEqual([2, 3]);
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a datagram that is too long is marked', () => {
  const a = open();
  const b = open();
  const long = new Datagrams(8192, 0, 2);
  long.setEndpoint(1, b.address);
  long.send(a.fd, 1, new Uint8Array(3000), 0, 3000);
  long.flush();
  expect(receive(b.fd)).toBe(1);
  expect(datagrams.truncated(0)).toBe(true);
  datagrams.close(a.fd);
  datagrams.close(b.fd);
});

test('a dead address costs only its own datagrams', () => {
  const a = open();
  const b = open();
  const dead = open();
  datagrams.close(dead.fd);
  datagrams.setEndpoint(1, b.address);
  datagrams.setEndpoint(3, dead.address);
  for (let round = 0; round < 5; round++) {
    datagrams.send(a.fd, 3, Uint8Array.of(9), 0, 1);
    datagrams.send(a.fd, 1, Uint8Array.of(round), 0, 1);
  }
  datagrams.flush();
  let arrived = 0;
  while (arrived < 5) {
    const count = receive(b.fd);
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
  datagrams.flush();
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
