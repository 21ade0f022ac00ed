/** One call of the carrier, taken or made: a session, its audio, and the script that plays it. */

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { bodyText } from '../sip/body.ts';
import type { InviteEvents, InviteSession } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingRequest } from '../sip/incoming-request.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { CallAudio } from './call-audio.ts';
import { MediaLine } from './media-line.ts';
import type { Sound } from './sound.ts';
import type { Line, Station } from './station.ts';

/** A called party that does not answer is given up. */
const noAnswerMs = 30_000;

export interface CarrierCallOptions {
  readonly station: Station;
  /** Where audio is sent from and expected. */
  readonly host: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface CarrierCallOut {
  /** The last event: the call is over, its audio closed. `callBackDelayMs` is null when it shall have no sequel. */
  over(callBackDelayMs: number | null): void;
}

/** Sends the INVITE with this offer. */
export type Dial = (offer: string, events: InviteEvents) => InviteSession;

export class CarrierCall implements Line, InviteEvents {
  readonly #options: CarrierCallOptions;
  readonly #out: CarrierCallOut;
  readonly #timers = new Set<() => void>();
  #session: InviteSession | undefined;
  #audio: CallAudio | undefined;
  #open = true;
  #callBackDelayMs: number | null = null;

  constructor(options: CarrierCallOptions, out: CarrierCallOut) {
    this.#options = options;
    this.#out = out;
  }

  /** Takes a call and plays the station's script. */
  take(incoming: IncomingInvite): void {
    this.#session = incoming.session(this);
    this.#prepare((audio) => {
      const offer = bodyText(incoming.request);
      if (offer === null) throw new SdpError(488, 'an offer is wanted');
      audio.answer(offer);
      this.#options.station.run(this).catch((err) => this.#options.log.error({ err }, 'a script of the carrier failed'));
    });
  }

  /** Makes a call; the station plays once it is answered. */
  place(dial: Dial): void {
    this.#prepare((audio) => {
      this.#session = dial(audio.offer(), this);
      this.#after(noAnswerMs, () => this.#session?.state !== 'confirmed' && this.hangUp());
    });
  }

  ring(): void {
    if (this.#open) this.#session?.progress(180);
  }

  openEarly(): void {
    if (this.#open) this.#session?.progress(183, { body: this.#audio?.description ?? null });
  }

  answer(): void {
    if (this.#open) this.#session?.accept({ body: this.#audio?.description ?? null });
  }

  refuse(status: number): void {
    if (!this.#open) return;
    this.#session?.reject(status);
    this.#end();
  }

  hangUp(): void {
    const session = this.#session;
    const isUp = session?.role === 'uac' || session?.state === 'confirmed';
    if (this.#open) session?.bye();
    // Only a session that was up, or that we began, tells of its end.
    if (!isUp) this.#end();
  }

  /** Lets go of everything without another word to the peer. */
  close(): void {
    this.#callBackDelayMs = null;
    this.#end();
  }

  play(sound: Sound): void {
    if (this.#open) this.#audio?.line.play(sound);
  }

  echo(): void {
    if (this.#open) this.#audio?.line.echo();
  }

  onDigit(heard: (digit: string) => void): void {
    if (this.#audio) this.#audio.line.onDigit = heard;
  }

  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.#after(ms, resolve));
  }

  callBackAfter(delayMs: number): void {
    this.#callBackDelayMs = delayMs;
  }

  provisional(): void {}

  accepted(response: SipResponse): void {
    this.#acceptAnswer(bodyText(response));
    if (this.#audio?.isAgreed) this.#options.station.answered?.(this);
    else this.hangUp();
  }

  rejected(): void {
    this.#end();
  }

  cancelled(): void {
    this.#end();
  }

  acknowledged(body: string | null): void {
    this.#acceptAnswer(body);
  }

  /** Hold, resume, a new media address, or the wish for an offer of ours. */
  modifyRequested(incoming: IncomingRequest): void {
    try {
      incoming.respond(200, { body: this.#renegotiate(bodyText(incoming.request)) });
    } catch (error) {
      if (!(error instanceof SdpError)) throw error;
      incoming.respond(error.status);
    }
  }

  modified(): void {}

  modifyRejected(): void {}

  info(incoming: IncomingRequest): void {
    incoming.respond(200);
  }

  ended(): void {
    this.#end();
  }

  /** Whoever knows the dialog's tags is the peer: nothing here is worth stealing. */
  acceptsFlow(): boolean {
    return true;
  }

  #prepare(begin: (audio: CallAudio) => void): void {
    MediaLine.open(this.#options).then(
      (line) => this.#begin(line, begin),
      (err) => this.#fail(500, err),
    );
  }

  #begin(line: MediaLine, begin: (audio: CallAudio) => void): void {
    // The caller may have given up while the ports were opened.
    if (!this.#open) {
      line.close();
      return;
    }
    this.#audio = new CallAudio(line, String(this.#options.random.uint32()));
    try {
      begin(this.#audio);
    } catch (error) {
      this.#fail(error instanceof SdpError ? error.status : 500, error);
    }
  }

  #fail(status: number, err: unknown): void {
    this.#options.log.warn({ err }, 'the carrier cannot take the call');
    if (this.#session) this.refuse(status);
    else this.#end();
  }

  #renegotiate(offer: string | null): string {
    if (!this.#audio) throw new SdpError(488, 'there is no audio yet');
    return offer === null ? this.#audio.offer() : this.#audio.answer(offer);
  }

  #acceptAnswer(answer: string | null): void {
    try {
      if (answer !== null) this.#audio?.accept(answer);
    } catch (err) {
      if (!(err instanceof SdpError)) throw err;
      this.#options.log.warn({ err }, 'the answer is of no use');
    }
  }

  #after(ms: number, act: () => void): void {
    if (!this.#open) return;
    const cancel = this.#options.clock.after(ms, () => {
      this.#timers.delete(cancel);
      act();
    });
    this.#timers.add(cancel);
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const cancel of this.#timers) cancel();
    this.#audio?.line.close();
    this.#out.over(this.#callBackDelayMs);
  }
}
