/** A registration over WebSocket, and the calls that come in on it. */

import { UA, WebSocketInterface } from 'jssip';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { Account } from './settings.ts';
import { pcConfig, SipCall } from './sip-call.ts';

export interface AccountEvents {
  registered(): void;
  /** The socket is gone. It is opened again by itself. */
  lost(): void;
  /** The registrar does not want this account; `status` is null when it did not answer. */
  refused(status: number | null): void;
  incoming(call: SipCall): void;
}

/** Seconds between attempts to open the socket again. */
const firstRetrySec = 1;
const lastRetrySec = 15;

export class SipAccount {
  readonly #ua: UA;

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
    this.#ua.on('registrationFailed', ({ response }) => events.refused(response?.status_code ?? null));
    this.#ua.on('newRTCSession', ({ session, originator }: RTCSessionEvent) => {
      if (originator === 'remote') events.incoming(new SipCall(session));
    });
  }

  start(): void {
    this.#ua.start();
  }

  /** Registers again after a refusal. */
  retry(): void {
    this.#ua.register();
  }

  /** Ends calls, un-registers and closes the socket. */
  stop(): void {
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
}
