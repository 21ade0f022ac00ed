/** Asks a server whether it is there: one OPTIONS (RFC 3261 section 11) from a socket of its own, outside of any gateway. */

import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { Socket as TcpSocket } from 'node:net';
import { formatHost, isIpv6, type SocketAddress } from '../../base/address.ts';
import type { Random } from '../../base/random.ts';
import { createRequest } from '../message/build.ts';
import type { SipMessage, SipRequest } from '../message/message.ts';
import { parseMessage } from '../message/parse.ts';
import { printMessage } from '../message/print.ts';
import { SipError } from '../message/sip-error.ts';
import { StreamParser } from '../message/stream.ts';
import { printUri, type SipUri } from '../message/uri.ts';
import type { ServerAddress } from './resolver.ts';
import { localHostTowards, lookupLiteral } from './route.ts';

export interface OptionsProbe {
  readonly server: ServerAddress;
  readonly uri: SipUri;
  /** Where requests of the gateway would come from; servers may know us by it. Taken if it is free, for UDP. */
  readonly local: SocketAddress | null;
  /** What Via and From name; null: our address towards the server. */
  readonly advertise: string | null;
  readonly random: Pick<Random, 'token'>;
  readonly timeoutMs?: number;
}

export interface OptionsAnswer {
  readonly status: number;
  readonly reason: string;
  readonly afterMs: number;
  /** Whether it was asked from the port of the gateway. */
  readonly fromOwnPort: boolean;
}

const defaultTimeoutMs = 4000;
/** RFC 3261 section 17.1.2.2: again after T1, doubling. */
const repeatMs = [500, 1500, 3500];

/** Rejects with the error of the system when the server cannot be reached, with ETIMEDOUT when it says nothing. */
export async function probeWithOptions(probe: OptionsProbe): Promise<OptionsAnswer> {
  const startedMs = performance.now();
  const { status, reason, fromOwnPort } = await (probe.server.transport === 'udp' ? askByUdp(probe) : askByTcp(probe));
  return { status, reason, fromOwnPort, afterMs: performance.now() - startedMs };
}

type Response = Omit<OptionsAnswer, 'afterMs'>;

async function askByUdp(probe: OptionsProbe): Promise<Response> {
  const { address } = probe.server;
  const type = isIpv6(address.host) ? 'udp6' : 'udp4';
  let socket = createSocket({ type, lookup: lookupLiteral });
  const fromOwnPort = probe.local !== null && (await isBound(socket, probe.local));
  if (!fromOwnPort) {
    socket.close();
    socket = createSocket({ type, lookup: lookupLiteral });
    await isBound(socket, { host: isIpv6(address.host) ? '::' : '0.0.0.0', port: 0 });
  }
  try {
    // Connected, so that the system tells of a closed port (ICMP).
    socket.connect(address.port, address.host);
    await once(socket, 'connect');
    const request = optionsRequest(probe, 'UDP', socket.address().port);
    const bytes = printMessage(request);
    const answer = answerOf(probe, request, (take, fail) => {
      socket.on('message', (datagram) => take(readMessage(datagram)));
      socket.on('error', fail);
    });
    const send = (): void => socket.send(bytes, () => {}); // a failure is an 'error', too
    send();
    const repeats = repeatMs.map((delayMs) => setTimeout(send, delayMs));
    return { ...(await answer.finally(() => repeats.forEach(clearTimeout))), fromOwnPort };
  } finally {
    socket.close();
  }
}

async function askByTcp(probe: OptionsProbe): Promise<Response> {
  const { address } = probe.server;
  const socket = new TcpSocket();
  const parser = new StreamParser();
  try {
    const request = optionsRequest(probe, 'TCP', probe.local?.port ?? 5060);
    const answer = answerOf(probe, request, (take, fail) => {
      socket.on('data', (bytes) => {
        for (const item of parser.push(bytes)) if (item !== 'ping' && !(item.message instanceof SipError)) take(item.message);
      });
      socket.on('error', fail);
      socket.on('close', () => fail(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })));
    });
    socket.connect({ host: address.host, port: address.port }, () => socket.write(printMessage(request)));
    return { ...(await answer), fromOwnPort: true };
  } finally {
    socket.destroy();
  }
}

/** False for an address that is taken or not ours. */
async function isBound(socket: UdpSocket, { host, port }: SocketAddress): Promise<boolean> {
  const bound = once(socket, 'listening').then(
    () => true,
    () => false,
  );
  socket.bind(port, host);
  return await bound;
}

/** RFC 3581: rport, so that the answer finds back through NAT. */
function optionsRequest(probe: OptionsProbe, transport: 'UDP' | 'TCP', port: number): SipRequest {
  const { uri, random, server } = probe;
  const host = formatHost(probe.advertise ?? localHostTowards(server.address.host) ?? 'unknown.invalid');
  return createRequest('OPTIONS', uri, [
    ['Via', `SIP/2.0/${transport} ${host}:${port};branch=z9hG4bK${random.token(20)};rport`],
    ['Max-Forwards', '70'],
    ['From', `<sip:${host}>;tag=${random.token(12)}`],
    ['To', `<${printUri({ ...uri, params: new Map() })}>`],
    ['Call-ID', random.token(26)],
    ['CSeq', '1 OPTIONS'],
    ['Contact', `<sip:${host}:${port}>`],
    ['Accept', 'application/sdp'],
  ]);
}

/** The final response to this request; provisional ones and whatever else comes is passed over. */
function answerOf(
  { timeoutMs = defaultTimeoutMs }: OptionsProbe,
  request: SipRequest,
  listen: (take: (message: SipMessage | null) => void, fail: (error: Error) => void) => void,
): Promise<{ status: number; reason: string }> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })), timeoutMs);
    const fail = (error: Error): void => {
      clearTimeout(timer);
      reject(error);
    };
    listen((message) => {
      if (message?.kind !== 'response' || message.status < 200 || !isAnswerTo(message, request)) return;
      clearTimeout(timer);
      resolve({ status: message.status, reason: message.reason });
    }, fail);
  });
}

function isAnswerTo({ headers }: SipMessage, request: SipRequest): boolean {
  return headers.get('Call-ID') === request.headers.get('Call-ID');
}

/** Null for what is no SIP. */
function readMessage(datagram: Uint8Array): SipMessage | null {
  try {
    return parseMessage(datagram);
  } catch {
    return null;
  }
}
