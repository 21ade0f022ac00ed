/**
 * One call as a back-to-back user agent (RFC 7092): a caller's leg, one or more callees' legs, and the media session between
 * them. The table in machine.ts says what may happen when; which side is the browser is the legs' business.
 */

import { type Clock, TimerTable } from '../base/clock.ts';
import { errorText, invariant } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord, CallSide, LegAudio, LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone } from '../events/media-milestone.ts';
import type { ConnectedInfo, MediaRelay } from '../relay/media-relay.ts';
import type { InviteEvents, InviteSession } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingSessionOptions } from '../sip/incoming-request.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { CallMedia } from './call-media.ts';
import { RecordDraft } from './call-record.ts';
import { Conversation } from './conversation.ts';
import { endOfCancel, endOfError, endOfFailure, endOfSession, reasonFor, statusFor } from './ending.ts';
import { Invitation } from './invitation.ts';
import type { Dialler, Leg, LegPlan } from './leg.ts';
import { type CallInput, type CallState, callTable } from './machine.ts';

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
  readonly clock: Pick<Clock, 'now' | 'wallTime'>;
}

export interface CallTimes {
  readonly noAnswerMs: number;
  readonly graceMs: number;
  readonly maxMs: number;
}

/** Who is told. Nothing that a listener does comes back into the call. */
export interface CallOut {
  /** A leg has its SIP dialog; this is its Call-ID. */
  opened(call: Call, side: CallSide, sipCallId: string): void;
  ringing(call: Call): void;
  answered(call: Call): void;
  mediaConnected(call: Call, info: ConnectedInfo): void;
  held(call: Call, by: CallSide, held: boolean): void;
  digit(call: Call, from: CallSide, digit: string, durationMs: number): void;
  milestone(call: Call, milestone: MediaMilestone): void;
  mediaChanged(call: Call, audio: LegAudio): void;
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

/** ICE and DTLS get so long after the answer, however short the grace is. */
const leastSetupMs = 20_000;

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
    this.#record = new RecordDraft(options.clock.wallTime());
    this.#media = this.#createMedia();
    const side = options.parties.direction === 'outbound' ? 'browser' : 'trunk';
    const events = this.#eventsOf(side, () => this.#ready.caller);
    this.#incoming = options.incoming.session(events, options.incomingOptions);
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

  /** Of the legs, as measured last. */
  get quality(): readonly LegQuality[] {
    return this.#media.quality;
  }

  /** Legs that have a session, the caller's first. */
  get legs(): readonly Leg[] {
    return this.#invitation?.legs ?? [];
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
    const { clock, times } = this.#options;
    const silent = this.legs.filter((leg) => !leg.mediaUp);
    if (silent.some((leg) => leg.mediaLost && !leg.reachable))
      this.stop({ cause: 'media-lost', side: 'browser', detail: 'the browser is gone' });
    else if (silent.length === 0) this.#timers.clear('grace');
    else if (!this.#timers.has('grace')) {
      const isLost = silent.some((leg) => leg.mediaLost);
      this.#timers.set('grace', clock.now() + Math.max(times.graceMs, isLost ? 0 : leastSetupMs));
    }
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
    this.#invitation = new Invitation({ caller: first, callees: others, media: this.#media, log }, (end) => {
      this.#record.ends(end);
      this.#input('refused');
    });
    this.#input('prepared');
  }

  #dial(): void {
    const { dialler, clock, times } = this.#options;
    this.#ready.dial(dialler, (callee) => this.#eventsOf(callee.side, () => callee));
    const [, ...callees] = this.legs;
    for (const { side, session } of callees) this.#out.opened(this, side, session.callId);
    this.#timers.set('no-answer', clock.now() + times.noAnswerMs);
  }

  #progress(callee: Leg, response: SipResponse): void {
    const now = this.#options.clock.wallTime();
    if (this.#ready.progress(callee, response)) {
      this.#record.pass('earlyMediaAt', now);
      this.#conversation ??= this.#converse(callee);
    }
    if (response.status === 180 && this.#record.pass('ringingAt', now)) this.#out.ringing(this);
  }

  /** A callee whose answer is unusable counts as one that refused. */
  #answered(callee: Leg, response: SipResponse): void {
    const wrong = this.#ready.judge(callee, response);
    if (wrong) this.#ready.giveUp(callee, wrong);
    else this.#input('answered', callee);
  }

  #connect(callee: Leg): void {
    const { clock, times } = this.#options;
    this.#ready.conclude(callee);
    this.#conversation ??= this.#converse(callee);
    this.#parties = { ...this.#parties, user: callee.user ?? this.#parties.user };
    this.#record.pass('answeredAt', clock.wallTime());
    this.#timers.clear('no-answer');
    this.#timers.set('max-duration', clock.now() + times.maxMs);
    this.judgeReachability();
    this.#out.answered(this);
  }

  #converse(callee: Leg): Conversation {
    return new Conversation(
      this.#ready.caller,
      callee,
      {
        held: (by, held) => this.#state !== 'ended' && this.#out.held(this, by, held),
        digit: (from, digit, durationMs) => this.#out.digit(this, from, digit, durationMs),
        broken: (side, error) => this.stop({ cause: 'unsupported-media', side, sipStatus: error.status, detail: error.message }),
      },
      this.#options.log,
    );
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
    const facts = { codec: this.#conversation?.codec ?? null, quality: this.quality };
    this.#out.ended(this, this.#record.finish(this.#parties, facts, this.#options.clock.wallTime()));
  }

  get #ready(): Invitation {
    invariant(this.#invitation, 'the call has no legs yet');
    return this.#invitation;
  }

  /** `leg` is asked for when something happens: the caller's exists only once media is allocated. */
  #eventsOf(side: CallSide, leg: () => Leg): InviteEvents {
    const guarded = (action: () => void) => this.#guarded(action);
    const talk = () => (this.#conversation?.has(leg()) ? this.#conversation : null);
    return {
      provisional: (response) => guarded(() => this.#input('progress', leg(), response)),
      accepted: (response) => guarded(() => this.#answered(leg(), response)),
      rejected: (failure) => guarded(() => this.#ready.refused(leg(), endOfFailure(failure, side))),
      cancelled: (reason) => this.stop(endOfCancel(reason, side)),
      acknowledged: (body) => guarded(() => talk()?.acknowledged(leg(), body)),
      modifyRequested: (incoming) => this.#watch(talk()?.modifyRequested(leg(), incoming)),
      modified: (body) => guarded(() => talk()?.modified(leg(), body)),
      modifyRejected: (status) => guarded(() => talk()?.modifyRejected(leg(), status)),
      info: (incoming) => guarded(() => (talk() ? talk()?.info(leg(), incoming) : incoming.respond(480))),
      // A callee that was given up ends without the call.
      ended: (end) => (!this.#invitation || this.legs.includes(leg())) && this.stop(endOfSession(end, side)),
      acceptsFlow: (flow, request) => this.#invitation !== null && leg().acceptsFlow(flow, request),
    };
  }

  #createMedia(): CallMedia {
    return new CallMedia({
      connected: (_leg, info) => this.#out.mediaConnected(this, info),
      pathChanged: () => this.judgeReachability(),
      digit: (leg, digit, durationMs) => this.#guarded(() => this.#conversation?.heard(leg, digit, durationMs)),
      failed: (leg, reason) => {
        const end: CallEnd = { cause: 'media-failed', side: leg.side, detail: reason };
        if (this.#state !== 'answered' && leg !== this.#ready.caller) this.#ready.giveUp(leg, end);
        else this.stop(end);
      },
      milestone: (side, milestone) => this.#out.milestone(this, { side, at: this.#options.clock.wallTime(), ...milestone }),
      agreed: (audio) => this.#out.mediaChanged(this, audio),
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
  #watch(work: Promise<void> | undefined): void {
    work?.catch((error) => {
      if (this.#state !== 'ended') this.#fail(error);
    });
  }

  #fail(error: unknown): void {
    const foreseen = endOfError(error);
    if (!foreseen) this.#options.log.error({ err: error }, 'broken invariant');
    this.stop(foreseen ?? { cause: 'error', side: 'gateway', detail: errorText(error) });
  }
}
