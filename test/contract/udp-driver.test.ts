/** What the relay relies on in every UDP driver. */

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { DgramDriver } from '../../src/relay/io/dgram.ts';
import {
  maxDatagramBytes,
  noPath,
  type PacketReceiver,
  type PathId,
  PortBusy,
  packetHeadroom,
  type UdpDriver,
} from '../../src/relay/io/driver.ts';
import { MmsgDriver } from '../../src/relay/io/mmsg.ts';
import { Child } from '../support/child.ts';
import { freeUdpPort } from '../support/free-port.ts';
import { openDescriptors } from '../support/process-state.ts';
import { RtpPeer } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

const drivers: ReadonlyArray<[string, () => UdpDriver, { skip: boolean }]> = [
  ['dgram', () => new DgramDriver(systemClock), { skip: false }],
  ['mmsg', () => new MmsgDriver(systemClock, 0), { skip: process.platform !== 'linux' }],
];

interface Delivery {
  readonly path: PathId;
  readonly bytes: Uint8Array;
  readonly now: number;
}

/** Remembers what is delivered; checks the room behind it by writing there. */
class Recorder implements PacketReceiver {
  readonly deliveries: Delivery[] = [];
  onDelivery: (path: PathId, buffer: Uint8Array, offset: number, length: number) => void = () => {};

  receive(path: PathId, buffer: Uint8Array, offset: number, length: number, now: number): void {
    this.deliveries.push({ path, bytes: buffer.slice(offset, offset + length), now });
    buffer.fill(0xee, offset + length, offset + length + packetHeadroom);
    this.onDelivery(path, buffer, offset, length);
  }

  prefetch(path: PathId): number {
    return path;
  }
}

const builtDriver = new URL('../../dist/relay/io/mmsg.js', import.meta.url);
const shortMtu = fileURLToPath(new URL('../support/short-mtu.js', import.meta.url));
const withShortMtu = 'ip link set lo mtu 1400 up && exec "$0" "$@"';
const fewDescriptors = fileURLToPath(new URL('../support/few-descriptors.js', import.meta.url));
/** What a driver opens, and nothing that Node opens now and then for itself. */
const openSockets = (): number => openDescriptors(process.pid).filter((kind) => kind === 'socket' || kind.includes('eventpoll')).length;

describe.each(drivers)('the %s driver', (name, create, { skip }) => {
  let driver: UdpDriver;
  let recorder: Recorder;
  let peer: RtpPeer;
  let polling: NodeJS.Timeout | undefined;
  const anywhere = { host: '127.0.0.1', port: 0 };

  beforeEach(async (context) => {
    if (skip) context.skip();
    driver = create();
    recorder = new Recorder();
    peer = await RtpPeer.open();
    if (driver.poll) polling = setInterval(() => driver.poll?.(0), 1);
  });

  afterEach(() => {
    if (skip) return;
    clearInterval(polling);
    driver.shutdown();
    peer.close();
  });

  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const send = (path: PathId, message: string): void => {
    const bytes = Buffer.from(`--${message}`);
    driver.send(path, bytes, 2, bytes.length - 2);
  };

  test('delivers a datagram with its path, its time and room behind it', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const started = systemClock.now();
    peer.send(Buffer.from('hello'), driver.localAddress(socket));
    const [first] = await until('a delivery', () => recorder.deliveries.length === 1 && recorder.deliveries);
    expect(text(first?.bytes ?? new Uint8Array())).toBe('hello');
    expect(driver.remoteAddress(first?.path ?? -1)).toEqual(peer.address);
    expect(driver.socketOf(first?.path ?? -1)).toBe(socket);
    expect(first?.now).toBeGreaterThanOrEqual(started);
    expect(first?.now).toBeLessThanOrEqual(systemClock.now());
  });

  test('answers from the socket that received, and lets the packet be edited and sent in place', async () => {
    const sockets = [await driver.bind(anywhere, recorder), await driver.bind(anywhere, recorder)];
    recorder.onDelivery = (path, buffer, offset, length) => {
      buffer[offset] = 0x48;
      buffer[offset + length] = 0x21;
      driver.send(path, buffer, offset, length + 1);
    };
    for (const socket of sockets) peer.send(Buffer.from('hello'), driver.localAddress(socket));
    await until('both answers', () => peer.datagrams.length === 2);
    expect(peer.datagrams.map(text)).toEqual(['Hello!', 'Hello!']);
    expect(new Set(recorder.deliveries.map(({ path }) => driver.socketOf(path)))).toEqual(new Set(sockets));
  });

  test('sends to an address that has not spoken yet; the bytes are free afterwards', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const path = driver.path(socket, peer.address);
    const bytes = Buffer.from('one');
    driver.send(path, bytes, 0, 3);
    bytes.write('two');
    driver.send(path, bytes, 0, 3);
    await until('two datagrams', () => peer.datagrams.length === 2);
    expect(peer.datagrams.map(text)).toEqual(['one', 'two']);
  });

  test('knows a path again, and tells apart what differs in address or socket', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const other = await driver.bind(anywhere, recorder);
    const path = driver.path(socket, peer.address);
    driver.retain(path);
    peer.send(Buffer.from('a'), driver.localAddress(socket));
    peer.send(Buffer.from('b'), driver.localAddress(other));
    await until('two deliveries', () => recorder.deliveries.length === 2);
    const paths = new Map(recorder.deliveries.map((delivery) => [text(delivery.bytes), delivery.path]));
    expect(paths.get('a')).toBe(path);
    expect(paths.get('b')).not.toBe(path);
    driver.release(path);
  });

  test('keeps a retained path through a flood from elsewhere', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const path = driver.path(socket, peer.address);
    driver.retain(path);
    for (let port = 1; port <= 5000; port++) driver.path(socket, { host: '127.0.0.9', port });
    expect(driver.remoteAddress(path)).toEqual(peer.address);
    send(path, 'still here');
    await until('the datagram', () => peer.datagrams.length === 1);
    driver.release(path);
  });

  test('delivers hundreds of datagrams at once, in order', async () => {
    const socket = await driver.bind(anywhere, recorder);
    for (let at = 0; at < 300; at++) peer.send(Buffer.from(`${at}`), driver.localAddress(socket));
    await until('all of them', () => recorder.deliveries.length === 300);
    expect(recorder.deliveries.map(({ bytes }) => Number(text(bytes)))).toEqual(Array.from({ length: 300 }, (_, at) => at));
  });

  test('sends hundreds of datagrams at once, each with its own bytes', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const path = driver.path(socket, peer.address);
    driver.retain(path);
    for (let at = 0; at < 200; at++) send(path, `${at}`);
    await until('all of them', () => peer.datagrams.length === 200);
    expect(peer.datagrams.map((datagram) => Number(text(datagram)))).toEqual(Array.from({ length: 200 }, (_, at) => at));
    driver.release(path);
  });

  test('delivers the longest datagram and drops what is longer', async () => {
    const socket = await driver.bind(anywhere, recorder);
    for (const length of [maxDatagramBytes + 1, maxDatagramBytes, 1]) peer.send(new Uint8Array(length), driver.localAddress(socket));
    await until('the short one', () => recorder.deliveries.at(-1)?.bytes.length === 1);
    expect(recorder.deliveries.map(({ bytes }) => bytes.length)).toEqual([maxDatagramBytes, 1]);
  });

  test('says that a port is busy', async () => {
    const socket = await driver.bind(anywhere, recorder);
    await expect(driver.bind(driver.localAddress(socket), recorder)).rejects.toThrow(PortBusy);
  });

  test('rejects an address that is not of this machine', async () => {
    await expect(driver.bind({ host: '192.0.2.99', port: 0 }, recorder)).rejects.toThrow();
  });

  test('delivers nothing after a socket was closed, and reuses its port and number', async () => {
    const socket = await driver.bind(anywhere, recorder);
    const local = driver.localAddress(socket);
    peer.send(Buffer.from('early'), local);
    driver.close(socket);
    driver.close(socket);
    await pause(30);
    expect(recorder.deliveries).toHaveLength(0);
    const again = await driver.bind(local, recorder);
    expect(driver.localAddress(again)).toEqual(local);
    peer.send(Buffer.from('late'), local);
    await until('a delivery', () => recorder.deliveries.length === 1);
  });

  test('may be closed and bound from within a delivery', async () => {
    const socket = await driver.bind(anywhere, recorder);
    recorder.onDelivery = () => driver.close(socket);
    for (let at = 0; at < 10; at++) peer.send(Buffer.from('x'), driver.localAddress(socket));
    await until('the first', () => recorder.deliveries.length > 0);
    await pause(30);
    expect(recorder.deliveries).toHaveLength(1);
  });

  test('carries IPv6', async () => {
    const v6 = await RtpPeer.open('::1');
    const socket = await driver.bind({ host: '::1', port: 0 }, recorder);
    v6.send(Buffer.from('six'), driver.localAddress(socket));
    const [first] = await until('a delivery', () => recorder.deliveries.length === 1 && recorder.deliveries);
    expect(driver.remoteAddress(first?.path ?? -1)).toEqual(v6.address);
    send(first?.path ?? -1, 'answer');
    await until('the answer', () => v6.datagrams.length === 1);
    v6.close();
  });

  test('is quiet about what cannot be sent', async () => {
    const socket = await driver.bind(anywhere, recorder);
    driver.send(-1, new Uint8Array(4), 0, 4);
    driver.send(driver.path(socket, { host: '127.0.0.1', port: 0 }), new Uint8Array(4), 0, 4);
    driver.send(driver.path(socket, { host: '255.255.255.255', port: 9 }), new Uint8Array(4), 0, 4);
    send(driver.path(socket, peer.address), 'and goes on');
    await until('the datagram', () => peer.datagrams.length === 1);
  });

  /** Nobody listens there, and the system says so (ICMP): a connected socket gets ECONNREFUSED for it with its next call. */
  test.each(['may send anywhere', 'is connected'])('goes on after a refusal from a closed port, on a socket that %s', async (how) => {
    const socket = await driver.bind({ host: '127.0.0.1', port: await freeUdpPort() }, recorder);
    const port = await freeUdpPort();
    const path = driver.path(socket, { host: '127.0.0.1', port });
    driver.retain(path);
    if (how === 'is connected') driver.connect(socket, path);
    for (let sent = 0; sent < 3; sent++, await pause(5)) send(path, 'nobody hears this');
    const late = await RtpPeer.open('127.0.0.1', port);
    send(path, 'somebody does');
    late.send(Buffer.from('and answers'), driver.localAddress(socket));
    await until('both', () => late.datagrams.length === 1 && recorder.deliveries.length === 1);
    expect(text(late.datagrams[0] ?? new Uint8Array())).toBe('somebody does');
    driver.connect(socket, noPath);
    peer.send(Buffer.from('so does another'), driver.localAddress(socket));
    await until('the other', () => recorder.deliveries.length === 2);
    driver.release(path);
    late.close();
  });

  test('loses of its datagrams at most those that are longer than the MTU', async (context) => {
    if (!existsSync(builtDriver)) context.skip('npm run build makes dist/');
    const network = (...command: string[]): Child => new Child('unshare', ['-rn', 'sh', '-c', withShortMtu, ...command]);
    const { code } = await network('true').exited.catch(() => ({ code: null }));
    if (code !== 0) context.skip('needs a network namespace of its own');
    for (const host of ['127.0.0.1', '::1']) {
      const child = network(process.execPath, shortMtu, name, host);
      await child.exited;
      expect(child.output.trim()).toBe('[100,101]');
    }
  });

  test('delivers everything while signals interrupt its calls', async (context) => {
    if (process.platform === 'win32') context.skip('there are no such signals');
    let signals = 0;
    const count = (): void => void signals++;
    process.on('SIGUSR2', count);
    const nuisance = new Child('sh', ['-c', `while kill -USR2 ${process.pid}; do sleep 0.001; done`]);
    const socket = await driver.bind(anywhere, recorder);
    recorder.onDelivery = (path, buffer, offset, length) => driver.send(path, buffer, offset, length);
    for (let sent = 0; sent < 100 || signals < 20; sent++, await pause(1)) {
      peer.send(Buffer.from(`${sent}`), driver.localAddress(socket));
      driver.poll?.(5);
    }
    await nuisance.stop();
    process.off('SIGUSR2', count);
    const sent = recorder.deliveries.length;
    expect(sent).toBeGreaterThanOrEqual(100);
    await until('all answers', () => peer.datagrams.length === sent);
    expect(recorder.deliveries.map(({ bytes }) => Number(text(bytes)))).toEqual(Array.from({ length: sent }, (_, at) => at));
  });

  test('leaves no descriptor open', async () => {
    const before = openSockets();
    const another = create();
    const opened = await Promise.all(Array.from({ length: 20 }, () => another.bind(anywhere, recorder)));
    expect(openSockets()).toBeGreaterThanOrEqual(before + 20);
    for (const socket of opened.slice(0, 10)) another.close(socket);
    another.shutdown();
    another.shutdown();
    await until('the end of all sockets', () => openSockets() === before);
  });

  test('says that there are no more descriptors, loses none, and goes on when there are', async (context) => {
    if (process.platform !== 'linux') context.skip('counts its descriptors as Linux does');
    if (!existsSync(builtDriver)) context.skip('npm run build makes dist/');
    const child = new Child('sh', ['-c', `ulimit -n 64; exec "$0" "$1" ${name}`, process.execPath, fewDescriptors]);
    await child.exited;
    expect(JSON.parse(child.output)).toEqual({
      refusal: { name: 'Error', code: 'EMFILE' },
      bound: expect.any(Number),
      boundAgain: 0,
      boundAfterOneClosed: 1,
      leaked: 0,
    });
  });
});
