/**
 * One call as a back-to-back user agent (RFC 7092): a caller's leg, one or more callees' legs, and the media session between
 * them. The table in machine.ts says what may happen when; which side is the browser is the legs' business.
 */

import { TimerTable } from '../base/clock.ts';
import { errorText, invariant } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord, CallSide, LegQuality } from '../events/gateway-events.ts';
import type { ConnectedInfo, LegId, MediaRelay, MediaSession, MediaSessionEvents } from '../relay/media-relay.ts';
import { PortsExhausted } from '../relay/media-relay.ts';
import { commonCodecs } from '../sdp/codecs.ts';
import type { RemoteOffer } from '../sdp/description.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { InviteEvents, InviteSession } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingRequest, IncomingSessionOptions } from '../sip/incoming-request.ts';
import type { SipResponse } from '../sip/message/message.ts';
import type { RequestFailure } from '../sip/transaction/client.ts';
import { bodyText } from './body.ts';
import { qualityOf, RecordDraft } from './call-record.ts';
import { Conversation } from './conversation.ts';
import { endOfFailure, endOfSession, reasonFor, statusFor } from './ending.ts';
import type { Dialler, Leg, LegPlan } from './leg.ts';
import type { CallInput, CallState } from './machine.ts';
import { callTable } from './machine.ts';

export interface CallOptions {
  readonly parties: CallParties;
  readonly incoming: IncomingInvite;
  readonly incomingOptions: IncomingSessionOptions;
  readonly caller: LegPlan;
  readonly callees: readonly LegPlan[];
  readonly relay: MediaRelay;
  readonly dialler: Dialler;
  readonly times: CallTimes;
  readonly log: Log;
  now(): number;
  wallTime(): number;
}

export interface CallTimes {
  readonly noAnswerMs: number;
  readonly graceMs: number;
  readonly maxMs: number;
}

/** Who is told. Nothing that a listener does comes back into the call. */
export interface CallOut {
  ringing(call: Call): void;
  answered(call: Call): void;
  mediaConnected(call: Call, info: ConnectedInfo): void;
  held(call: Call, by: CallSide, held: boolean): void;
  digit(call: Call, from: CallSide, digit: string, durationMs: number): void;
  quality(call: Call, quality: readonly LegQuality[]): void;
  ended(call: Call, record: CallRecord): void;
  /** `deadline` may have changed. */
  rescheduled(call: Call): void;
}

type CallTimer = 'no-answer' | 'max-duration' | 'grace';

export class Call {
  readonly #options: CallOptions;
  readonly #out: CallOut;
  readonly #timers = new TimerTable<CallTimer>();
  readonly #record: RecordDraft;
  readonly #incoming: InviteSession;
  #parties: CallParties;
  #state: CallState = 'preparing';
  #media: MediaSession | null = null;
  #caller: Leg | null = null;
  #offer: RemoteOffer | null = null;
  #callees: Leg[] = [];
  #conversation: Conversation | null = null;
  #end: CallEnd | null = null;
  #reported = false;

  constructor(options: CallOptions, out: CallOut) {
    this.#options = options;
    this.#out = out;
    this.#parties = options.parties;
    this.#record = new RecordDraft(options.wallTime());
    this.#incoming = options.incoming.session(
      this.#eventsOf(() => this.#callerLeg),
      options.incomingOptions,
    );
    void this.#prepare();
  }

  get parties(): CallParties {
    return this.#parties;
  }

  get state(): CallState {
    return this.#state;
  }

  get invitedAt(): number {
    return this.#record.invitedAt;
  }

  get answeredAt(): number | null {
    return this.#record.answeredAt;
  }

  get quality(): readonly LegQuality[] {
    return this.#record.quality;
  }

  /** Legs that have a session, the caller's first. */
  get legs(): readonly Leg[] {
    return [this.#caller, ...this.#callees].filter((leg): leg is Leg => leg?.dialled === true);
  }

  get deadline(): number {
    return this.#timers.deadline;
  }

  expire(now: number): void {
    for (let timer = this.#timers.takeExpired(now); timer; timer = this.#timers.takeExpired(now)) {
      if (timer === 'no-answer') this.stop({ cause: 'no-answer', side: 'gateway' });
      else if (timer === 'max-duration') this.stop({ cause: 'max-duration', side: 'gateway' });
      else this.stop({ cause: 'media-lost', side: 'browser', detail: 'no media path within the grace time' });
    }
    this.#out.rescheduled(this);
  }

  /** Ends the call on every side. The first cause stands. */
  stop(end: CallEnd): void {
    this.#end ??= end;
    this.#input('stop');
  }

  /** A leg's connection or media path went or came: a browser that has lost both is gone, one that has lost one gets the grace time. */
  judgeReachability(): void {
    const { now, times } = this.#options;
    const weak = this.#state === 'ended' ? [] : this.legs.filter((leg) => !leg.reachable || (this.#state === 'answered' && !leg.mediaUp));
    if (weak.length === 0) this.#timers.clear('grace');
    else if (weak.some((leg) => !leg.reachable && leg.mediaLost)) this.stop({ cause: 'media-lost', side: 'browser' });
    else if (!this.#timers.has('grace')) this.#timers.set('grace', now() + times.graceMs);
    this.#out.rescheduled(this);
  }

  #input(input: CallInput, leg?: Leg, response?: SipResponse): void {
    const transition = callTable[this.#state][input];
    if (!transition) return;
    const [next, action] = transition;
    this.#state = next;
    if (action === 'dial') this.#dial();
    else if (action === 'progress' && leg && response) this.#progress(leg, response);
    else if (action === 'connect' && leg && response) this.#connect(leg, response);
    else if (action === 'finish') this.#finish();
    this.#out.rescheduled(this);
  }

  async #prepare(): Promise<void> {
    const { relay, caller, callees } = this.#options;
    try {
      const media = await relay.openSession(this.#mediaEvents());
      this.#media = media;
      const [first, ...others] = await Promise.all([caller, ...callees].map((plan) => plan.open(media)));
      invariant(first, 'a call has a caller');
      first.attach(this.#incoming);
      this.#caller = first;
      this.#callees = others;
    } catch (error) {
      this.#fail(error);
    }
    if (this.#state === 'ended') this.#media?.close();
    else this.#guarded(() => this.#input('prepared'));
  }

  #dial(): void {
    const { dialler, incoming, now, times } = this.#options;
    const caller = this.#callerLeg;
    const offer = bodyText(incoming.request);
    if (offer !== null) this.#offer = caller.receiveOffer(offer);
    for (const callee of [...this.#callees]) {
      const body = callee.createOffer(caller.capabilities, caller);
      callee.dial(
        dialler,
        body,
        this.#eventsOf(() => callee),
      );
    }
    this.#timers.set('no-answer', now() + times.noAnswerMs);
  }

  /** Early media goes through for a single callee; of several that ring, nobody could tell whose it is. */
  #progress(callee: Leg, response: SipResponse): void {
    const answer = this.#callees.length === 1 ? bodyText(response) : null;
    const now = this.#options.wallTime();
    if (answer !== null) {
      callee.receiveAnswer(answer);
      this.#media?.bridge(this.#callerLeg.mediaLeg, callee.mediaLeg);
      this.#record.pass('earlyMediaAt', now);
    }
    if (response.status === 180 && this.#record.pass('ringingAt', now)) this.#out.ringing(this);
    this.#incoming.progress(response.status, { body: answer !== null && this.#offer ? this.#answerCaller(callee) : null });
  }

  #connect(callee: Leg, response: SipResponse): void {
    const { now, times, wallTime } = this.#options;
    const caller = this.#callerLeg;
    const answer = bodyText(response);
    this.#forgetOthers(callee);
    if (answer !== null) callee.receiveAnswer(answer);
    else if (!callee.negotiation.agreed) throw new SdpError(488, 'the answer has no session description');
    this.#conversation = this.#converse(caller, callee);
    this.#media?.bridge(caller.mediaLeg, callee.mediaLeg);
    const body = this.#offer ? this.#answerCaller(callee) : caller.createOffer(callee.codecsInUse, callee);
    this.#incoming.accept({ body });
    this.#parties = { ...this.#parties, user: callee.user ?? this.#parties.user };
    this.#record.pass('answeredAt', wallTime());
    this.#record.codec = callee.audioCodecs[0]?.encoding ?? null;
    this.#timers.clear('no-answer');
    this.#timers.set('max-duration', now() + times.maxMs);
    this.judgeReachability();
    this.#out.answered(this);
  }

  /** The answer to the caller's offer is made once; a later response repeats it byte for byte. */
  #answerCaller(callee: Leg): string {
    const caller = this.#callerLeg;
    const made = caller.negotiation.localDescription;
    if (caller.negotiation.state !== 'remote-offer' && made !== null) return made;
    invariant(this.#offer, 'there is an offer to answer');
    const codecs = commonCodecs(this.#offer.codecs, callee.codecsInUse);
    return caller.createAnswer(this.#offer, codecs, callee);
  }

  #forgetOthers(winner: Leg): void {
    for (const leg of this.#callees) {
      if (leg === winner) continue;
      if (leg.dialled) leg.session.bye({ reason: 'SIP;cause=200;text="Call completed elsewhere"' });
      this.#media?.removeLeg(leg.mediaLeg);
    }
    this.#callees = [winner];
  }

  #refused(callee: Leg, failure: SipResponse | RequestFailure): void {
    const end = endOfFailure(failure, callee.side);
    this.#media?.removeLeg(callee.mediaLeg);
    this.#callees = this.#callees.filter((leg) => leg !== callee);
    // 6xx speaks for the user, not for one contact (RFC 3261 21.6).
    const final = end.sipStatus !== undefined && end.sipStatus >= 600;
    if (this.#callees.length > 0 && !final) return;
    this.#end ??= end;
    this.#input('refused');
  }

  #finish(): void {
    const end = this.#end ?? { cause: 'error', side: 'gateway' };
    const reason = reasonFor(end);
    this.#timers.clearAll();
    if (this.#record.answeredAt === null) this.#incoming.reject(statusFor(end), { headers: [['Reason', reason]] });
    for (const leg of this.legs) leg.session.bye({ reason });
    if (this.#media) this.#media.close();
    else this.#report();
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    const end = this.#end ?? { cause: 'error', side: 'gateway' };
    this.#out.ended(this, this.#record.finish(this.#parties, end, this.#options.wallTime()));
  }

  get #callerLeg(): Leg {
    invariant(this.#caller, 'the caller has no leg yet');
    return this.#caller;
  }

  #legOf(id: LegId): Leg | undefined {
    return this.legs.find((leg) => leg.mediaLeg === id);
  }

  #converse(caller: Leg, callee: Leg): Conversation {
    return new Conversation(
      caller,
      callee,
      {
        held: (by, held) => this.#out.held(this, by, held),
        digit: (from, digit, durationMs) => this.#out.digit(this, from, digit, durationMs),
        broken: (side, error) => this.stop({ cause: 'unsupported-media', side, sipStatus: error.status, detail: error.message }),
      },
      this.#options.log,
    );
  }

  #eventsOf(leg: () => Leg): InviteEvents {
    const guarded = (action: () => void) => this.#guarded(action);
    const talk = (action: (conversation: Conversation) => void) => guarded(() => this.#conversation && action(this.#conversation));
    return {
      provisional: (response) => guarded(() => this.#input('progress', leg(), response)),
      accepted: (response) => guarded(() => this.#input('answered', leg(), response)),
      rejected: (failure) => guarded(() => this.#refused(leg(), failure)),
      cancelled: (reason) => this.stop({ cause: 'cancelled', side: this.#callerSide, ...(reason === null ? {} : { detail: reason }) }),
      acknowledged: (body) => talk((conversation) => conversation.acknowledged(leg(), body)),
      modifyRequested: (incoming) => this.#modifyRequested(leg, incoming),
      modified: (body) => talk((conversation) => conversation.modified(leg(), body)),
      modifyRejected: (status) => talk((conversation) => conversation.modifyRejected(leg(), status)),
      info: (incoming) => talk((conversation) => conversation.info(leg(), incoming)),
      ended: (end) => this.stop(endOfSession(end, this.#caller ? leg().side : this.#callerSide)),
      acceptsFlow: (flow, request) => this.#caller !== null && leg().acceptsFlow(flow, request),
    };
  }

  /** Before the answer there is nothing to change: 491 asks the peer to come again (RFC 3311 5.2). */
  #modifyRequested(leg: () => Leg, incoming: IncomingRequest): void {
    if (this.#conversation) this.#conversation.modifyRequested(leg(), incoming).catch((error) => this.#fail(error));
    else incoming.respond(491);
  }

  #mediaEvents(): MediaSessionEvents {
    return {
      connected: (id, info) => {
        this.#legOf(id)?.pathChanged('up');
        this.#out.mediaConnected(this, info);
        this.judgeReachability();
      },
      pathLost: (id) => {
        this.#legOf(id)?.pathChanged('lost');
        this.judgeReachability();
      },
      pathRestored: (id) => {
        this.#legOf(id)?.pathChanged('up');
        this.judgeReachability();
      },
      digit: (id, digit, durationMs) => {
        const leg = this.#legOf(id);
        if (leg) this.#guarded(() => this.#conversation?.heard(leg, digit, durationMs));
      },
      failed: (_id, reason) => this.stop({ cause: 'media-failed', side: 'browser', detail: reason }),
      stats: (legs) => {
        this.#record.quality = qualityOf(legs);
        this.#out.quality(this, this.#record.quality);
      },
      closed: (legs, reason) => {
        if (legs.length > 0) this.#record.quality = qualityOf(legs);
        if (reason === 'thread-died') this.stop({ cause: 'media-failed', side: 'gateway', detail: 'a media thread died' });
        this.#report();
      },
    };
  }

  get #callerSide(): CallSide {
    return this.#parties.direction === 'outbound' ? 'browser' : 'trunk';
  }

  /** The one place where a hostile description or a broken invariant ends the call, and this call alone. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (error instanceof PortsExhausted) this.stop({ cause: 'limit', side: 'gateway', detail: error.message });
    else if (error instanceof SdpError)
      this.stop({ cause: 'unsupported-media', side: 'gateway', sipStatus: error.status, detail: error.message });
    else {
      this.#options.log.error({ err: error }, 'broken invariant');
      this.stop({ cause: 'error', side: 'gateway', detail: errorText(error) });
    }
  }
}
