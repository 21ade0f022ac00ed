/** JsSIP's socket, which also finds out whether the gateway still answers: a network that went away says nothing of it. */

import type { Socket } from 'jssip/lib/Socket';

/** RFC 5626 3.5.1: a ping of two line ends is answered with one. */
const ping = '\r\n\r\n';
const patienceMs = 2500;

export class GatewaySocket implements Socket {
  readonly url: string;
  readonly sip_uri: string;
  via_transport: string;
  #socket: WebSocket | undefined;
  #heard: (() => void) | undefined;
  #asking: Promise<boolean> | undefined;

  /** Throws a SyntaxError or TypeError when the address is not one of a WebSocket. */
  constructor(url: string) {
    const { protocol, host } = new URL(url);
    if (protocol !== 'ws:' && protocol !== 'wss:') throw new TypeError(`not a WebSocket address: ${url}`);
    this.url = url;
    this.sip_uri = `sip:${host};transport=ws`;
    this.via_transport = protocol === 'wss:' ? 'WSS' : 'WS';
  }

  // JsSIP puts its own in their place.
  onconnect(): void {}
  ondisconnect(_error: boolean, _code?: number, _reason?: string): void {}
  ondata<Data>(_data: Data): void {}

  connect(): void {
    if (this.isConnected() || this.isConnecting()) return;
    this.disconnect();
    const socket = new WebSocket(this.url, 'sip');
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.onconnect();
    socket.onclose = ({ wasClean, code, reason }) => this.ondisconnect(!wasClean, code, reason);
    socket.onmessage = ({ data }) => {
      this.#heard?.();
      this.ondata(data);
    };
    this.#socket = socket;
  }

  disconnect(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }

  send(message: Parameters<Socket['send']>[0]): boolean {
    if (!this.isConnected()) return false;
    // JsSIP sends text.
    this.#socket?.send(String(message));
    return true;
  }

  isConnected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  isConnecting(): boolean {
    return this.#socket?.readyState === WebSocket.CONNECTING;
  }

  /** Whether the gateway answers within 2.5 s. A connection on which it does not is given up, and JsSIP makes another. */
  answers(): Promise<boolean> {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #ask(): Promise<boolean> {
    const socket = this.#socket;
    if (!this.send(ping)) return false;
    const answered = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), patienceMs);
      this.#heard = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
    this.#heard = undefined;
    if (!answered && socket === this.#socket) {
      this.disconnect();
      this.ondisconnect(true);
    }
    return answered;
  }
}
