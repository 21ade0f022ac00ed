/** One call on JsSIP's RTCSession. */

import { C, Grammar } from 'jssip';
import type { EndEvent, OutgoingEvent, RTCSession } from 'jssip/lib/RTCSession';
import type { DigitWay } from './account.ts';
import type { CallEnding, Reason } from './ending.ts';

export interface SipCallEvents {
  ringing(): void;
  /** What the other side plays before it answers can be heard. */
  earlyMedia(): void;
  connected(): void;
  holdChanged(hold: { readonly ours: boolean; readonly theirs: boolean }): void;
  /** Sound of the other side. */
  sound(stream: MediaStream): void;
  iceState(state: RTCIceConnectionState): void;
  ended(ending: CallEnding): void;
}

/** The gateway is an ICE lite peer that we reach: nobody needs to find out our address, so no STUN servers. */
export const pcConfig: RTCConfiguration = { iceServers: [] };

/** RFC 4733 wants 40 ms at least; these pass every old switchboard. */
const digitMs = 120;
const digitGapMs = 80;

export class SipCall {
  readonly #session: RTCSession;
  #answered = false;

  constructor(session: RTCSession) {
    this.#session = session;
  }

  /** What the other side calls itself. */
  get name(): string {
    return this.#session.remote_identity.display_name ?? '';
  }

  get number(): string {
    return this.#session.remote_identity.uri.user ?? '';
  }

  get connection(): RTCPeerConnection | undefined {
    return this.#session.connection;
  }

  /** Call it once, at once: a session that nobody follows is over unnoticed. */
  follow(events: SipCallEvents): void {
    const session = this.#session;
    if (session.connection) listen(session.connection, events);
    session.on('peerconnection', ({ peerconnection }) => listen(peerconnection, events));
    // The first candidate will do: the gateway learns our address from our own ICE checks.
    session.on('icecandidate', ({ ready }) => ready());
    // JsSIP reports the 180 of its own as well, as null.
    session.on('progress', ({ response }: { readonly response?: OutgoingEvent['response'] | null }) => {
      if (response?.body) events.earlyMedia();
      else if (response?.status_code === 180) events.ringing();
    });
    session.on('confirmed', () => {
      this.#answered = true;
      events.connected();
    });
    for (const change of ['hold', 'unhold'] as const) {
      session.on(change, () => {
        const { local, remote } = session.isOnHold();
        events.holdChanged({ ours: local, theirs: remote });
      });
    }
    session.on('ended', (event) => events.ended(this.#ending(event)));
    session.on('failed', (event) => events.ended(this.#ending(event)));
  }

  answer(microphone: MediaStream): void {
    this.#session.answer({ mediaStream: microphone, pcConfig });
  }

  hangUp(): void {
    if (!this.#session.isEnded()) this.#session.terminate();
  }

  /** Says why an incoming call is not taken. */
  decline(status: 486 | 480 | 603): void {
    if (!this.#session.isEnded()) this.#session.terminate({ status_code: status });
  }

  setMuted(muted: boolean): void {
    if (muted) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
  }

  /** False while another change of the call is under way. */
  setHeld(held: boolean): boolean {
    return held ? this.#session.hold() : this.#session.unhold();
  }

  /** Throws a TypeError for anything but the keys of a telephone. */
  sendDigits(digits: string, way: DigitWay): void {
    const asEvents = way === 'auto' ? (this.#sender?.dtmf?.canInsertDTMF ?? false) : way === 'rfc4733';
    const transportType = asEvents ? C.DTMF_TRANSPORT.RFC2833 : C.DTMF_TRANSPORT.INFO;
    this.#session.sendDTMF(digits, { transportType, duration: digitMs, interToneGap: digitGapMs });
  }

  /** Finds the way of the audio anew. False while another change of the call is under way. */
  restartIce(): boolean {
    return !this.#session.isEnded() && this.#session.renegotiate({ rtcOfferConstraints: { iceRestart: true } });
  }

  async replaceMicrophone(track: MediaStreamTrack): Promise<void> {
    track.enabled = this.#sender?.track?.enabled ?? true;
    await this.#sender?.replaceTrack(track);
  }

  get #sender(): RTCRtpSender | undefined {
    return this.connection?.getSenders().find(({ track }) => track?.kind === 'audio');
  }

  #ending({ originator, message, cause }: EndEvent): CallEnding {
    return {
      by: originator === 'local' ? 'us' : originator === 'remote' ? 'them' : 'system',
      incoming: this.#session.direction === 'incoming',
      answered: this.#answered,
      status: message && 'status_code' in message ? message.status_code : null,
      reason: readReason(message?.getHeader('reason')),
      cause,
    };
  }
}

function listen(connection: RTCPeerConnection, events: SipCallEvents): void {
  connection.addEventListener('iceconnectionstatechange', () => events.iceState(connection.iceConnectionState));
  connection.addEventListener('track', ({ track, streams }) => events.sound(streams[0] ?? new MediaStream([track])));
}

function readReason(header: string | undefined): Reason | null {
  if (header === undefined) return null;
  const parsed: unknown = Grammar.parse(header, 'Reason');
  if (typeof parsed !== 'object' || parsed === null || !('protocol' in parsed) || !('cause' in parsed)) return null;
  return { protocol: String(parsed.protocol).toLowerCase(), cause: Number(parsed.cause) };
}
