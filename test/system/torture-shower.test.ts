/** The torture messages of RFC 4475 and RFC 5118 thrown at the running gateway, by a trunk over UDP and by strangers over WebSocket. */

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { GatewayProcess } from '../support/gateway-process.ts';
import { phoneOrigin, registeredPhone } from '../support/phone-stage.ts';
import { header, headers, type PlainMessage, parsePlain, status } from '../support/plain-sip.ts';
import { residentMb } from '../support/process-state.ts';
import { rfc4475, rfc5118, type TortureMessage } from '../support/sip-fixtures.ts';
import { measureTone } from '../support/tone-meter.ts';
import { rtpComplaints, sipComplaints } from '../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../support/trunk-peer.ts';
import { pause } from '../support/until.ts';

const messages = [...rfc4475(), ...rfc5118()];

/** A host of its own: answers go to the port that Via names (RFC 3261 18.2.2), 5060 where it names none. */
const thrower = '127.0.0.77';
const viaPorts = [5060, 5050, 5070, 6050, 19823];

/** How long silence must last to count as one. */
const silenceMs = 300;

type Answer = number | 'drop';

/** The final response whose Call-ID is that of the message; a malformed one may lack it, and then what comes is its own. */
function isAnswerTo(message: PlainMessage, answer: PlainMessage): boolean {
  const ids = [message, answer].map((each) => header(each, 'Call-ID') || header(each, 'i'));
  return status(answer) >= 200 && (ids[0] === '' || ids[1] === '' || ids[0] === ids[1]);
}

/** Where the column says nothing, any answer of a working endpoint will do. */
function fits(answer: Answer, { endpoint, parser }: TortureMessage): boolean {
  if (!endpoint) return parser === 'must-reject' ? isClientError(answer) : answer === 'drop' || answer < 500;
  return endpoint.some((value) => {
    if (value === '4xx') return isClientError(answer);
    if (value === 'accept' || value === 'process normally') return isHandled(answer);
    return value === answer;
  });
}

function isClientError(answer: Answer): boolean {
  return answer !== 'drop' && answer >= 400 && answer < 500;
}

/** Understood, whether or not there is such a user. */
function isHandled(answer: Answer): boolean {
  return answer === 200 || answer === 404;
}

describe('the torture messages', () => {
  const inbox: PlainMessage[] = [];
  const thrownByUdp = new Set<string>();
  let sockets: Socket[] = [];
  let trunk: TrunkPeer;
  let gateway: GatewayProcess;

  beforeAll(async () => {
    trunk = await TrunkPeer.open();
    gateway = await GatewayProcess.start({
      trunk: trunk.address,
      origins: [phoneOrigin],
      trunkSettings: { sources: [trunk.address.host, thrower] },
      config: { routes: { outbound: [{ match: '^[0-9]+$', trunk: 'carrier' }], inbound: [{ match: '^alice$', users: ['alice'] }] } },
    });
    sockets = await Promise.all(viaPorts.map((port) => listen(port, inbox)));
  });

  afterAll(async () => {
    for (const socket of sockets) socket.close();
    trunk?.close();
    expect(await gateway?.stop()).toEqual({ code: 0, signal: null });
  });

  function throwByUdp(bytes: Uint8Array): void {
    sockets[0]?.send(bytes, gateway.listeners.udp.port, gateway.listeners.udp.host);
  }

  async function connect(): Promise<WebSocket> {
    const webSocket = new WebSocket(gateway.url, 'sip', { origin: phoneOrigin, perMessageDeflate: false });
    await once(webSocket, 'open');
    return webSocket;
  }

  async function answerByUdp({ bytes }: TortureMessage): Promise<Answer> {
    inbox.length = 0;
    throwByUdp(unlike(thrownByUdp, bytes));
    return firstAnswer(bytes, inbox);
  }

  async function answerByWebSocket({ bytes }: TortureMessage): Promise<Answer> {
    const webSocket = await connect();
    const received: PlainMessage[] = [];
    webSocket.on('message', (answer: Buffer) => received.push(parsePlain(answer, { host: '', port: 0 })));
    webSocket.send(bytes);
    const answer = await firstAnswer(bytes, received);
    webSocket.terminate();
    return answer;
  }

  describe('from a trunk', () => {
    /** Where the answer differs from the column, and why. */
    const exceptions: Readonly<Record<string, Answer>> = {
      // Trunks do not register here.
      regaut01: 403,
    };

    test.each(messages.map((message) => [message.name, message] as const))('%s', async (name, message) => {
      const answer = await answerByUdp(message);
      const exception = exceptions[name];
      if (exception !== undefined) expect(answer).toBe(exception);
      else expect({ answer, fits: fits(answer, message) }).toEqual({ answer, fits: true });
    });
  });

  describe('from a browser that has not said who it is', () => {
    /** Well-formed requests are asked for credentials first, whatever else there is to say about them. */
    const exceptions: Readonly<Record<string, Answer>> = {
      // What follows the REGISTER is a second message in one WebSocket message (RFC 7118 section 5).
      dblreq: 400,
    };

    test.each(messages.map((message) => [message.name, message] as const))('%s', async (name, message) => {
      const plain = parsePlain(Buffer.from(message.bytes), { host: '', port: 0 });
      const challenge = plain.startLine.startsWith('REGISTER ') ? 401 : 407;
      const answer = await answerByWebSocket(message);
      const exception = exceptions[name];
      const isChallenged = answer === challenge && message.parser !== 'must-reject';
      const isOfNoDialog = answer === 481 && /tag *=/.test(header(plain, 'To') + header(plain, 't'));
      if (exception !== undefined) expect(answer).toBe(exception);
      else if (!isChallenged && !isOfNoDialog) expect({ answer, fits: fits(answer, message) }).toEqual({ answer, fits: true });
    });
  });

  test('calls are made and heard while all of them rain down again and again', { timeout: 60_000 }, async () => {
    const pid = gateway.pid ?? 0;
    const phone = await registeredPhone(gateway);
    trunk.onCall = (call) => call.answer();
    const calmMb = residentMb(pid);
    let thrown = 0;
    const shower = setInterval(() => {
      const message = messages[thrown % messages.length];
      if (message) throwByUdp(varied(message.bytes, thrown));
      if (message) void connect().then((webSocket) => webSocket.send(message.bytes, () => webSocket.close()));
      thrown += 1;
    }, 10);
    try {
      for (let made = 0; made < 3; made += 1) {
        const call = await phone.call('1001');
        const far = await trunk.nextCall();
        await call.established();
        call.media.sendTone({ frequencyHz: 620 });
        await pause(300);
        const sinceMs = performance.now();
        await pause(1000);
        expect(measureTone(far.rtp.heard(sinceMs), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
        expect(status(await call.bye())).toBe(200);
        await far.requested('BYE');
        expect(far.received.flatMap(sipComplaints)).toEqual([]);
        expect(rtpComplaints(far.rtp.packets)).toEqual([]);
      }
    } finally {
      clearInterval(shower);
    }
    expect(thrown).toBeGreaterThan(messages.length);
    expect(await gateway.get('/healthz')).toMatchObject({ status: 'ready' });
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(residentMb(pid) - calmMb).toBeLessThan(60);
    await phone.close();
  });
});

async function listen(port: number, inbox: PlainMessage[]): Promise<Socket> {
  const socket = createSocket('udp4');
  socket.on('message', (bytes, from) => inbox.push(parsePlain(bytes, { host: from.address, port: from.port })));
  socket.bind(port, thrower);
  await once(socket, 'listening');
  return socket;
}

async function firstAnswer(bytes: Uint8Array, received: readonly PlainMessage[]): Promise<Answer> {
  const message = parsePlain(Buffer.from(bytes), { host: '', port: 0 });
  const deadlineMs = performance.now() + silenceMs;
  while (performance.now() < deadlineMs) {
    const answer = received.find((candidate) => isAnswerTo(message, candidate));
    if (answer) return status(answer);
    await pause(5);
  }
  return 'drop';
}

/** Some of the messages share a branch, by which a server takes one for a repetition of the other (RFC 3261 17.2.3). */
function unlike(thrown: Set<string>, bytes: Uint8Array): Uint8Array {
  const via = headers(parsePlain(Buffer.from(bytes), { host: '', port: 0 }), 'Via').join();
  if (thrown.has(via)) return varied(bytes, thrown.size);
  thrown.add(via);
  return bytes;
}

/** Another transaction each time: branch parameters that differ. */
function varied(bytes: Uint8Array, number: number): Uint8Array {
  return Buffer.from(Buffer.from(bytes).toString('latin1').replace('branch=z9hG4bK', `branch=z9hG4bK${number}`), 'latin1');
}
