/** Strangers knock at every door of the running gateway, while a call goes on that must not notice. */

import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type Socket as TcpSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayProcess } from '../support/gateway-process.ts';
import type { PhoneCall } from '../support/phone-call.ts';
import { phoneOptions, phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { mediaAddress, status, type UdpAddress } from '../support/plain-sip.ts';
import { residentMb } from '../support/process-state.ts';
import { measureTone } from '../support/tone-meter.ts';
import type { TrunkCall } from '../support/trunk-call.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause, until } from '../support/until.ts';
import { WebSocketPhone } from '../support/websocket-phone.ts';

/** On no list of trunk sources. */
const strangerHost = '127.0.0.66';
const quietMs = 400;

describe('strangers', () => {
  const limits = { messagesPerSec: 20, connectionsPerAddress: 12, messageBytes: 65_536 };
  let trunk: TrunkPeer;
  let gateway: GatewayProcess;
  let phone: WebSocketPhone;
  let call: PhoneCall;
  let far: TrunkCall;

  beforeAll(async () => {
    trunk = await TrunkPeer.open();
    trunk.onCall = (incoming) => incoming.answer();
    const sip = { udp: '127.0.0.1:0', tcp: '127.0.0.1:0' };
    gateway = await GatewayProcess.start({ trunk: trunk.address, origins: [phoneOrigin], config: { sip, limits } });
    phone = await registeredPhone(gateway);
    call = await phone.call('1001');
    far = await trunk.nextCall();
    await call.established();
    call.media.sendTone({ frequencyHz: 620 });
    far.rtp.sendTone({ frequencyHz: 1004 });
  });

  afterAll(async () => {
    const sinceMs = performance.now();
    await pause(1000);
    expect(measureTone(far.rtp.heard(sinceMs), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
    expect(measureTone(call.media.heard(sinceMs), 8000, 620).frequencyHz).toBeCloseTo(1004, 0);
    expect(residentMb(gateway.pid ?? 0)).toBeLessThan(300);
    expect(status(await call.bye())).toBe(200);
    await phone.close();
    trunk.close();
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  });

  function options(callId: string, body = ''): string {
    return [
      `OPTIONS sip:${gateway.listeners.udp.host} SIP/2.0`,
      `Via: SIP/2.0/UDP 127.0.0.1:9;rport;branch=z9hG4bK${callId}`,
      'Max-Forwards: 70',
      `From: <sip:anyone@127.0.0.1>;tag=${callId}`,
      `To: <sip:${gateway.listeners.udp.host}>`,
      `Call-ID: ${callId}`,
      'CSeq: 1 OPTIONS',
      `Content-Length: ${body.length}`,
      '',
      body,
    ].join('\r\n');
  }

  describe('at the UDP port', () => {
    async function ask(host: string, datagrams: ReadonlyArray<string | Buffer>): Promise<string[]> {
      const socket = await bindUdp(host);
      const answers: string[] = [];
      socket.on('message', (bytes) => answers.push(bytes.toString('latin1').split('\r\n')[0] ?? ''));
      for (const datagram of datagrams) socket.send(datagram, gateway.listeners.udp.port, gateway.listeners.udp.host);
      await pause(quietMs);
      socket.close();
      return answers;
    }

    test('get no answer from a host that is no trunk, whatever they say', async () => {
      const invite = options('s1').replaceAll('OPTIONS', 'INVITE');
      const broken = options('s2').replace('CSeq: 1 OPTIONS', 'CSeq: x');
      expect(await ask(strangerHost, [options('s3'), invite, broken, '\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n', randomBytes(500)])).toEqual([]);
    });

    test('are logged once and not a thousand times', async () => {
      const refusals = (): number => gateway.log.filter(({ msg, host }) => msg === 'refused' && host === strangerHost).length;
      await ask(strangerHost, Array(1000).fill(options('s4')));
      expect(refusals()).toBeGreaterThan(0);
      expect(refusals()).toBeLessThan(4);
    });

    test('are answered from a host that is one', async () => {
      expect(await ask('127.0.0.1', [options('s5')])).toEqual(['SIP/2.0 200 OK']);
    });

    test('may send the largest datagram there is', async () => {
      const long = options('s6').replace('Max-Forwards: 70', `Max-Forwards: 70\r\nSubject: ${'x'.repeat(65_000)}`);
      const [answer] = await ask('127.0.0.1', [long, randomBytes(65_507), options('s7', 'y'.repeat(65_000))]);
      expect(answer).toMatch(/^SIP\/2\.0 (200|4\d\d|513) /);
      expect(await ask('127.0.0.1', [options('s8')])).toEqual(['SIP/2.0 200 OK']);
    });
  });

  describe('at the TCP port', () => {
    async function open(localAddress: string): Promise<TcpSocket> {
      const socket = connect({ port: gateway.listeners.tcp?.port ?? 0, host: '127.0.0.1', localAddress });
      socket.on('error', () => {});
      await once(socket, 'connect');
      return socket;
    }

    test('are turned away from a host that is no trunk', async () => {
      const socket = await open(strangerHost);
      let answer = '';
      socket.on('data', (bytes) => {
        answer += String(bytes);
      });
      socket.write(options('t1'));
      await until('the end of the connection', () => socket.closed);
      expect(answer).toBe('');
    });

    test('are answered though their message comes octet by octet', async () => {
      const socket = await open('127.0.0.1');
      socket.setNoDelay(true);
      const answered = once(socket, 'data');
      for (const octet of options('t2')) {
        socket.write(octet);
        await pause(1);
      }
      expect(String(await answered)).toMatch(/^SIP\/2\.0 200 OK\r\n/);
      socket.destroy();
    });

    test('may not send a header section without end', async () => {
      const socket = await open('127.0.0.1');
      const closed = once(socket, 'close');
      socket.resume();
      const filler = setInterval(() => socket.write(`X-Filler: ${'x'.repeat(8000)}\r\n`), 1);
      socket.write('OPTIONS sip:a@b SIP/2.0\r\n');
      await closed;
      clearInterval(filler);
    });
  });

  describe('at the WebSocket', () => {
    /** The status with which a handshake ends: 101 opens the connection, 0 stands for a closed socket. */
    function knock(headers: { origin?: string }, protocols = ['sip']): { webSocket: WebSocket; code: Promise<number> } {
      const webSocket = new WebSocket(gateway.url, protocols, headers);
      const code = new Promise<number>((resolve) => {
        webSocket.on('open', () => resolve(101));
        webSocket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0));
        webSocket.on('error', () => resolve(0));
      });
      return { webSocket, code };
    }

    async function handshake(headers: { origin?: string }, protocols?: string[]): Promise<number> {
      const { webSocket, code } = knock(headers, protocols);
      return code.finally(() => webSocket.terminate());
    }

    test('need an origin that is on the list', async () => {
      const origins = ['http://evil.test', `${phoneOrigin}.evil.test`, `${phoneOrigin}:81`, 'https://phone.test', 'null', undefined];
      for (const origin of origins) expect([origin, await handshake(origin === undefined ? {} : { origin })]).toEqual([origin, 403]);
      expect(await handshake({ origin: phoneOrigin })).toBe(101);
    });

    test('must offer the subprotocol', async () => {
      expect(await handshake({ origin: phoneOrigin }, ['chat'])).toBe(400);
    });

    test('cannot take every place', async () => {
      const crowd = Array.from({ length: 30 }, () => knock({ origin: phoneOrigin }));
      const codes = await Promise.all(crowd.map(({ code }) => code));
      for (const { webSocket } of crowd) webSocket.terminate();
      expect(codes.filter((code) => code === 101).length).toBeLessThan(limits.connectionsPerAddress);
      expect(codes.every((code) => [101, 429, 0].includes(code))).toBe(true);
      expect(phone.connected).toBe(true);
    });

    test('that flood are disconnected, and the others are not', async () => {
      const flooder = await until('a place', () => WebSocketPhone.connect(phoneOptions(gateway)).catch(() => undefined));
      const register = [
        'REGISTER sip:example.com SIP/2.0',
        'Via: SIP/2.0/WS flood.invalid;branch=z9hG4bK@',
        'Max-Forwards: 70',
        'From: <sip:alice@example.com>;tag=@',
        'To: <sip:alice@example.com>',
        'Call-ID: flood-@',
        'CSeq: 1 REGISTER',
        'Contact: <sip:flood@flood.invalid;transport=ws>',
        'Content-Length: 0',
        '\r\n',
      ].join('\r\n');
      for (let sent = 0; sent < 2000 && flooder.connected; sent += 1) flooder.send(register.replaceAll('@', String(sent)));
      await until('the end of the connection', () => !flooder.connected);
      expect(flooder.received.length).toBeLessThan(200);
      expect(status(await phone.register())).toBe(200);
      await flooder.close();
    });

    test('get a single CRLF for a double one', async () => {
      const webSocket = new WebSocket(gateway.url, 'sip', { origin: phoneOrigin });
      await once(webSocket, 'open');
      webSocket.send('\r\n\r\n');
      const [pong] = await once(webSocket, 'message');
      expect(String(pong)).toBe('\r\n');
      webSocket.terminate();
    });

    test('may not send more than a message may hold', async () => {
      const webSocket = new WebSocket(gateway.url, 'sip', { origin: phoneOrigin });
      await once(webSocket, 'open');
      webSocket.on('error', () => {});
      webSocket.send('x'.repeat(limits.messageBytes + 1));
      const [code] = await once(webSocket, 'close');
      expect(code).toBe(1009);
    });
  });

  test('that shoot at the media ports reach nobody', async () => {
    const browserPort = candidate((await call.responded(200)).body);
    const trunkPort = mediaAddress(far.invite.body);
    const before = [call.media.packets.length, far.rtp.packets.length];
    const socket = await bindUdp(strangerHost);
    const answers: Buffer[] = [];
    socket.on('message', (bytes) => answers.push(bytes));
    const sinceMs = performance.now();
    for (let round = 0; round < 50; round += 1) {
      for (const target of [browserPort, trunkPort]) {
        for (const bytes of bullets(round)) socket.send(bytes, target.port, target.host);
      }
      await pause(10);
    }
    await pause(200);
    const seconds = (performance.now() - sinceMs) / 1000;
    socket.close();
    expect(answers).toEqual([]);
    // 50 packets a second of the call itself, and none besides.
    for (const [index, voice] of [call.media, far.rtp].entries()) {
      expect(voice.packets.length - (before[index] ?? 0)).toBeLessThan(50 * seconds + 25);
    }
    expect(far.rtp.packets.every(({ bytes }) => bytes.readUInt32BE(8) === far.rtp.packets[0]?.bytes.readUInt32BE(8))).toBe(true);
  });
});

async function bindUdp(host: string): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

function candidate(sdp: string): UdpAddress {
  const [, host = '', port] = /^a=candidate:\S+ 1 udp \d+ (\S+) (\d+)/im.exec(sdp) ?? [];
  return { host, port: Number(port) };
}

/** RTP, RTCP, STUN, a ClientHello of null ciphers, and noise. */
function bullets(round: number): Buffer[] {
  const rtp = Buffer.concat([Buffer.from([0x80, 0, 0, round]), randomBytes(168)]);
  const rtcp = Buffer.concat([Buffer.from([0x81, 200, 0, 6]), randomBytes(24)]);
  const stun = Buffer.concat([Buffer.from('000100002112a442', 'hex'), randomBytes(12)]);
  const hello = Buffer.concat([
    Buffer.from('16feff0000000000000000002f010000230000000000000023fefd', 'hex'),
    randomBytes(32),
    Buffer.from('000000020000010000', 'hex'),
  ]);
  return [rtp, rtcp, stun, hello, randomBytes(round * 20)];
}
