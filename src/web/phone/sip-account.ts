/** A registration over WebSocket, and the calls that come in on it. */

import { UA, WebSocketInterface } from 'jssip';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { Account } from './settings.ts';
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
  readonly #ua: UA;
  #timer = 0;

  constructor(account: Account, socketUrl: string, events: AccountEvents) {
    this.#ua = new UA({
      sockets: [new WebSocketInterface(socketUrl)],
      uri: `sip:${account.user}@${account.domain}`,
      password: account.password,
      user_agent: 'offhook softphone',
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

  /** With a new socket JsSIP registers by itself. */
  #registerAgain(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#ua.isConnected() && !this.#ua.isRegistered()) this.#ua.register();
    }, registerAgainMs);
  }
}
