/**
 * One call as a back-to-back user agent (RFC 7092): a caller's leg, one or more callees' legs, and the media session between
 * them. The table in machine.ts says what may happen when; which side is the browser is the legs' business.
 */

import { TimerTable } from '../base/clock.ts';
import { errorText, invariant } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord, CallSide, LegQuality } from '../events/gateway-events.ts';
import type { ConnectedInfo, MediaRelay } from '../relay/media-relay.ts';
import { PortsExhausted } from '../relay/media-relay.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { InviteEvents, InviteSession, SessionEnd } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingSessionOptions } from '../sip/incoming-request.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { CallMedia, MediaUnavailable } from './call-media.ts';
import { RecordDraft } from './call-record.ts';
import { Conversation } from './conversation.ts';
import { endOfCancel, endOfFailure, endOfSession, reasonFor, statusFor } from './ending.ts';
import { Invitation } from './invitation.ts';
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

const timedOut: Readonly<Record<CallTimer, CallEnd>> = {
  'no-answer': { cause: 'no-answer', side: 'gateway' },
  'max-duration': { cause: 'max-duration', side: 'gateway' },
  grace: { cause: 'media-lost', side: 'browser', detail: 'no media path within the grace time' },
};

export class Call {
  readonly #options: CallOptions;
  readonly #out: CallOut;
  readonly #timers = new TimerTable<CallTimer>();
  readonly #record: RecordDraft;
  readonly #media: CallMedia;
  readonly #incoming: InviteSession;
  #parties: CallParties;
  #state: CallState = 'preparing';
  /** Null while media is allocated. */
  #invitation: Invitation | null = null;
  #conversation: Conversation | null = null;
  #reported = false;

  /** Throws SipError for an INVITE that can make no dialog. */
  constructor(options: CallOptions, out: CallOut) {
    this.#options = options;
    this.#out = out;
    this.#parties = options.parties;
    this.#record = new RecordDraft(options.wallTime());
    this.#media = this.#createMedia();
    this.#incoming = options.incoming.session(
      this.#eventsOf(() => this.#ready.caller),
      options.incomingOptions,
    );
    this.#watch(this.#prepare());
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

  /** Legs that have a session, the caller's first. */
  get legs(): readonly Leg[] {
    const { caller, callees } = this.#invitation ?? { caller: null, callees: [] };
    return [caller, ...callees].filter((leg): leg is Leg => leg?.dialled === true);
  }

  get deadline(): number {
    return this.#timers.deadline;
  }

  expire(now: number): void {
    for (let timer = this.#timers.takeExpired(now); timer; timer = this.#timers.takeExpired(now)) this.stop(timedOut[timer]);
    this.#out.rescheduled(this);
  }

  /** Ends the call on every side. The first cause stands. */
  stop(end: CallEnd): void {
    this.#record.ends(end);
    this.#input('stop');
  }

  /** A leg's connection or media path went or came: a browser that has lost both is gone, one without media gets the grace time. */
  judgeReachability(): void {
    if (this.#state !== 'answered') return;
    const { now, times } = this.#options;
    const silent = this.legs.filter((leg) => !leg.mediaUp);
    if (silent.some((leg) => leg.mediaLost && !leg.reachable))
      this.stop({ cause: 'media-lost', side: 'browser', detail: 'the browser is gone' });
    else if (silent.length === 0) this.#timers.clear('grace');
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
    else if (action === 'connect' && leg) this.#connect(leg);
    else if (action === 'finish') this.#finish();
    this.#out.rescheduled(this);
  }

  async #prepare(): Promise<void> {
    const { relay, caller, callees, log } = this.#options;
    const [first, ...others] = await this.#media.open(relay, [caller, ...callees]);
    invariant(first, 'a call has a caller');
    first.attach(this.#incoming);
    this.#invitation = new Invitation(first, others, this.#media, log);
    this.#input('prepared');
  }

  #dial(): void {
    const { dialler, now, times } = this.#options;
    this.#ready.dial(dialler, (callee) => this.#eventsOf(() => callee));
    this.#timers.set('no-answer', now() + times.noAnswerMs);
  }

  #progress(callee: Leg, response: SipResponse): void {
    const now = this.#options.wallTime();
    if (this.#ready.progress(callee, response)) {
      this.#record.pass('earlyMediaAt', now);
      this.#conversation ??= this.#converse(callee);
    }
    if (response.status === 180 && this.#record.pass('ringingAt', now)) this.#out.ringing(this);
  }

  /** A callee whose answer is unusable counts as one that refused. */
  #answered(callee: Leg, response: SipResponse): void {
    const wrong = this.#ready.judge(callee, response);
    if (wrong) this.#giveUp(callee, wrong);
    else this.#input('answered', callee);
  }

  #connect(callee: Leg): void {
    const { now, times, wallTime } = this.#options;
    this.#ready.conclude(callee);
    this.#conversation ??= this.#converse(callee);
    this.#parties = { ...this.#parties, user: callee.user ?? this.#parties.user };
    this.#record.pass('answeredAt', wallTime());
    this.#timers.clear('no-answer');
    this.#timers.set('max-duration', now() + times.maxMs);
    this.judgeReachability();
    this.#out.answered(this);
  }

  #converse(callee: Leg): Conversation {
    return new Conversation(
      this.#ready.caller,
      callee,
      {
        held: (by, held) => this.#out.held(this, by, held),
        digit: (from, digit, durationMs) => this.#out.digit(this, from, digit, durationMs),
        broken: (side, error) => this.stop({ cause: 'unsupported-media', side, sipStatus: error.status, detail: error.message }),
      },
      this.#options.log,
    );
  }

  #giveUp(callee: Leg, end: CallEnd): void {
    this.#refused(this.#ready.giveUp(callee, end));
  }

  /** `end` is null while the call can still be answered. */
  #refused(end: CallEnd | null): void {
    if (!end) return;
    this.#record.ends(end);
    this.#input('refused');
  }

  /** A callee that was given up has ended without the call. */
  #sessionEnded(leg: () => Leg, end: SessionEnd): void {
    if (!this.#invitation) this.stop(endOfSession(end, this.#callerSide));
    else if (this.legs.includes(leg())) this.stop(endOfSession(end, leg().side));
  }

  #finish(): void {
    const { end, answeredAt } = this.#record;
    const reason = reasonFor(end);
    this.#timers.clearAll();
    try {
      if (answeredAt === null) this.#incoming.reject(statusFor(end), { headers: [['Reason', reason]] });
      for (const leg of this.legs) leg.session.bye({ reason });
    } finally {
      this.#media.close();
    }
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    const facts = { codec: this.#conversation?.codec ?? null, quality: this.#media.quality };
    this.#out.ended(this, this.#record.finish(this.#parties, facts, this.#options.wallTime()));
  }

  get #ready(): Invitation {
    invariant(this.#invitation, 'the call has no legs yet');
    return this.#invitation;
  }

  get #callerSide(): CallSide {
    return this.#parties.direction === 'outbound' ? 'browser' : 'trunk';
  }

  #eventsOf(leg: () => Leg): InviteEvents {
    const guarded = (action: () => void) => this.#guarded(action);
    const talk = (action: (conversation: Conversation) => void) => guarded(() => this.#conversation && action(this.#conversation));
    return {
      provisional: (response) => guarded(() => this.#input('progress', leg(), response)),
      accepted: (response) => guarded(() => this.#answered(leg(), response)),
      rejected: (failure) => guarded(() => this.#refused(this.#ready.refused(leg(), endOfFailure(failure, leg().side)))),
      cancelled: (reason) => this.stop(endOfCancel(reason, this.#callerSide)),
      acknowledged: (body) => talk((conversation) => conversation.acknowledged(leg(), body)),
      modifyRequested: (incoming) => talk((conversation) => this.#watch(conversation.modifyRequested(leg(), incoming))),
      modified: (body) => talk((conversation) => conversation.modified(leg(), body)),
      modifyRejected: (status) => talk((conversation) => conversation.modifyRejected(leg(), status)),
      info: (incoming) => (this.#conversation ? talk((conversation) => conversation.info(leg(), incoming)) : incoming.respond(480)),
      ended: (end) => this.#sessionEnded(leg, end),
      acceptsFlow: (flow, request) => this.#invitation !== null && leg().acceptsFlow(flow, request),
    };
  }

  #createMedia(): CallMedia {
    return new CallMedia({
      connected: (_leg, info) => {
        this.#out.mediaConnected(this, info);
        this.judgeReachability();
      },
      pathChanged: () => this.judgeReachability(),
      digit: (leg, digit, durationMs) => this.#guarded(() => this.#conversation?.heard(leg, digit, durationMs)),
      failed: (leg, reason) => {
        const end: CallEnd = { cause: 'media-failed', side: leg.side, detail: reason };
        if (this.#state !== 'answered' && leg !== this.#ready.caller) this.#giveUp(leg, end);
        else this.stop(end);
      },
      measured: (quality) => this.#out.quality(this, quality),
      closed: (reason) => {
        const detail = reason === 'thread-died' ? 'a media thread died' : 'the media session is closed';
        this.stop({ cause: 'media-failed', side: 'gateway', detail });
        this.#report();
      },
    });
  }

  /** The one place where a hostile description or a broken invariant ends the call, and this call alone. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#fail(error);
    }
  }

  /** What is still under way when the call ends may find its media gone. */
  #watch(work: Promise<void>): void {
    work.catch((error) => {
      if (this.#state !== 'ended') this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    if (error instanceof PortsExhausted) this.stop({ cause: 'limit', side: 'gateway', detail: error.message });
    else if (error instanceof MediaUnavailable) this.stop({ cause: 'media-failed', side: 'gateway', detail: error.message });
    else if (error instanceof SdpError)
      this.stop({ cause: 'unsupported-media', side: 'gateway', sipStatus: error.status, detail: error.message });
    else {
      this.#options.log.error({ err: error }, 'broken invariant');
      this.stop({ cause: 'error', side: 'gateway', detail: errorText(error) });
    }
  }
}
