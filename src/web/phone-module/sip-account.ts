/** A registration over WebSocket, and the calls that come in on it. */

import { UA } from 'jssip';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { Account } from './account.ts';
import { GatewaySocket } from './gateway-socket.ts';
import { pcConfig, SipCall } from './sip-call.ts';

export interface AccountEvents {
  registered(): void;
  /** Not registered any more; goes on trying. */
  lost(): void;
  /** Name or password is wrong; does not try again. */
  denied(): void;
  incoming(call: SipCall): void;
}

/** Seconds between attempts to open the socket again. */
const firstRetrySec = 1;
const lastRetrySec = 15;
/** Until a registrar that had no time or did not answer is asked again. */
const registerAgainMs = 5000;

const denials = new Set([401, 403, 404, 407]);

export class SipAccount {
  readonly #socket: GatewaySocket;
  readonly #ua: UA;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(account: Account, socketUrl: string, events: AccountEvents) {
    this.#socket = new GatewaySocket(socketUrl);
    this.#ua = new UA({
      sockets: [this.#socket],
      uri: `sip:${account.user}@${account.domain}`,
      password: account.password,
      user_agent: 'offhook phone',
      connection_recovery_min_interval: firstRetrySec,
      connection_recovery_max_interval: lastRetrySec,
    });
    this.#ua.on('registered', () => events.registered());
    this.#ua.on('disconnected', () => events.lost());
    this.#ua.on('registrationFailed', ({ response }: { readonly response: { readonly status_code: number } | null }) => {
      if (response && denials.has(response.status_code)) return events.denied();
      events.lost();
      this.#registerAgain();
    });
    this.#ua.on('newRTCSession', ({ session, originator }: RTCSessionEvent) => {
      if (originator === 'remote') events.incoming(new SipCall(session));
    });
  }

  start(): void {
    this.#ua.start();
  }

  /** Ends calls, un-registers and closes the socket. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#ua.stop();
  }

  /** null when no SIP address can be made of the number. */
  call(number: string, microphone: MediaStream): SipCall | null {
    try {
      return new SipCall(this.#ua.call(number, { mediaStream: microphone, pcConfig }));
    } catch {
      return null;
    }
  }

  /** Whether requests can be sent now. */
  async isReachable(): Promise<boolean> {
    return this.#ua.isRegistered() && (await this.#socket.answers());
  }

  /** Does not wait for the next attempt, nor for a connection that died unnoticed. */
  networkChanged(): void {
    if (this.#socket.isConnected()) this.#socket.answers().catch(() => {});
    else this.#socket.connect();
  }

  /** With a new socket JsSIP registers by itself. */
  #registerAgain(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#ua.isConnected() && !this.#ua.isRegistered()) this.#ua.register();
    }, registerAgainMs);
  }
}
