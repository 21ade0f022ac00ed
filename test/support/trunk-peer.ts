/** A carrier of our own for tests: raw SIP over UDP and plain RTP, every byte kept. */

import { createSocket, type Socket } from 'node:dgram';
import { header, method, type PlainMessage, parsePlain, print, status, type UdpAddress } from './plain-sip.ts';
import { RtpLine } from './rtp-line.ts';
import { type Fields, type Formats, plainFormats, TrunkCall } from './trunk-call.ts';
import { until } from './until.ts';

export class TrunkPeer {
  readonly address: UdpAddress;
  /** Every datagram, calls and all else. */
  readonly received: PlainMessage[] = [];
  readonly calls: TrunkCall[] = [];
  /** What to do with an incoming call; by default it rings for ever. */
  onCall: (call: TrunkCall) => void = ring;
  /** What calls from now on offer and accept. */
  formats: Formats = plainFormats;
  readonly #socket: Socket;
  readonly #byCallId = new Map<string, TrunkCall>();
  #taken = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.address = { host: socket.address().address, port: socket.address().port };
    socket.on('message', (bytes, from) => void this.#receive(parsePlain(bytes, { host: from.address, port: from.port })));
  }

  static async open(host = '127.0.0.1', port = 0): Promise<TrunkPeer> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, host, resolve));
    return new TrunkPeer(socket);
  }

  /** The next incoming call that no one has asked for yet. */
  async nextCall(timeoutMs?: number): Promise<TrunkCall> {
    const call = await until('an incoming call', () => this.calls[this.#taken], timeoutMs);
    this.#taken += 1;
    return call;
  }

  /** Calls a user of the gateway. */
  async call(gateway: UdpAddress, user: string, options: { from?: string; extra?: Fields; sdp?: null } = {}): Promise<TrunkCall> {
    const { host, port } = this.address;
    const call = this.#add(await RtpLine.open(host), `out${Math.random().toString(36).slice(2)}`, {
      local: `<sip:${options.from ?? '+15550199'}@${host}:${port}>;tag=${Math.random().toString(36).slice(2)}`,
      remote: `<sip:${user}@${gateway.host}:${gateway.port}>`,
      target: `sip:${user}@${gateway.host}:${gateway.port}`,
      next: gateway,
    });
    call.sendInvite(options.extra ?? [], options.sdp === null ? null : call.sdp());
    return call;
  }

  /** As it was at first: what earlier calls left behind meets no later one. */
  reset(): void {
    for (const call of this.#byCallId.values()) call.rtp.stop();
    this.#taken = this.calls.length;
    this.onCall = ring;
    this.formats = plainFormats;
  }

  close(): void {
    for (const call of this.#byCallId.values()) call.rtp.close();
    this.#socket.close();
  }

  async #receive(message: PlainMessage): Promise<void> {
    this.received.push(message);
    const callId = header(message, 'Call-ID');
    const known = this.#byCallId.get(callId);
    if (known) return known.receive(message);
    if (status(message) > 0) return;
    if (method(message) !== 'INVITE') return this.#answerAlone(message);
    const { host, port } = this.address;
    const rtp = await RtpLine.open(host);
    // A retransmission may have come while the port was opened.
    if (this.#byCallId.has(callId)) return rtp.close();
    const local = `<sip:peer@${host}:${port}>;tag=${Math.random().toString(36).slice(2)}`;
    const call = this.#add(rtp, callId, { local, remote: '', target: '', next: message.from });
    call.receive(message);
    this.calls.push(call);
    this.onCall(call);
  }

  #add(rtp: RtpLine, callId: string, setup: { local: string; remote: string; target: string; next: UdpAddress }): TrunkCall {
    const send = (bytes: Buffer, to: UdpAddress): void => this.#socket.send(bytes, to.port, to.host);
    const call = new TrunkCall({ address: this.address, send }, rtp, { callId, ...setup });
    call.formats = this.formats;
    this.#byCallId.set(callId, call);
    return call;
  }

  /** OPTIONS and REGISTER are welcome, anything else outside a dialog is not known. */
  #answerAlone(request: PlainMessage): void {
    if (method(request) === 'ACK') return;
    const welcome = ['OPTIONS', 'REGISTER'].includes(method(request));
    const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Contact'];
    const fields = request.headers.filter(([name]) => copied.includes(name));
    const { port, host } = request.from;
    this.#socket.send(print(`SIP/2.0 ${welcome ? '200 OK' : '481 Call Does Not Exist'}`, fields), port, host);
  }
}

function ring(call: TrunkCall): void {
  call.ring();
}
