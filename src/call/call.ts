/**
 * One call as a back-to-back user agent (RFC 7092): a caller's leg, one or more callees' legs, and the media session between
 * them. The table in machine.ts says what may happen when; which side is the browser is the legs' business.
 */

import { type Clock, TimerTable } from '../base/clock.ts';
import { invariant } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { CallEnd } from '../events/call-end.ts';
import type { CallParties, CallRecord, CallSide, LegAudio, LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone } from '../events/media-milestone.ts';
import type { ConnectedInfo, LegFailure, LegMilestone, MediaRelay } from '../relay/media-relay.ts';
import type { InviteSession } from '../sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingSessionOptions } from '../sip/incoming-request.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { CallMedia, type CallMediaOut } from './call-media.ts';
import { RecordDraft } from './call-record.ts';
import { Conversation, type ConversationOut } from './conversation.ts';
import { reasonFor, statusFor } from './ending.ts';
import { guarded, watch } from './guard.ts';
import { Invitation, type InvitationOut } from './invitation.ts';
import type { Dialler, Leg, LegPlan } from './leg.ts';
import { LegEvents, type LegEventsOut } from './leg-events.ts';
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

export class Call implements CallMediaOut, ConversationOut, InvitationOut, LegEventsOut {
  readonly log: Log;
  readonly #out: CallOut;
  readonly #clock: CallOptions['clock'];
  readonly #times: CallTimes;
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
    const { parties, incoming, incomingOptions, times, log, clock } = options;
    this.log = log;
    this.#out = out;
    this.#clock = clock;
    this.#times = times;
    this.#parties = parties;
    this.#record = new RecordDraft(clock.wallTime());
    this.#media = new CallMedia(this);
    const side = parties.direction === 'outbound' ? 'browser' : 'trunk';
    this.#incoming = incoming.session(new LegEvents(this, side, null), incomingOptions);
    watch(this, this.#prepare(options));
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

  get caller(): Leg {
    return this.#ready.caller;
  }

  /** Legs that have a session, the caller's first. */
  get legs(): readonly Leg[] {
    return this.#invitation?.legs ?? [];
  }

  get conversation(): Conversation | null {
    return this.#conversation;
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
    const silent = this.legs.filter((leg) => !leg.mediaUp);
    if (silent.some((leg) => leg.mediaLost && !leg.reachable))
      this.stop({ cause: 'media-lost', side: 'browser', detail: 'the browser is gone' });
    else if (silent.length === 0) this.#timers.clear('grace');
    else if (!this.#timers.has('grace')) {
      const isLost = silent.some((leg) => leg.mediaLost);
      this.#timers.set('grace', this.#clock.now() + Math.max(this.#times.graceMs, isLost ? 0 : leastSetupMs));
    }
    this.#out.rescheduled(this);
  }

  // What the sessions of the legs have to say.

  progressed(callee: Leg, response: SipResponse): void {
    this.#input('progress', callee, response);
  }

  /** A callee whose answer is unusable counts as one that refused. */
  answered(callee: Leg, response: SipResponse): void {
    const wrong = this.#ready.judge(callee, response);
    if (wrong) this.#ready.giveUp(callee, wrong);
    else this.#input('answered', callee);
  }

  refused(callee: Leg, end: CallEnd): void {
    this.#ready.refused(callee, end);
  }

  /** No callee is left. */
  unanswered(end: CallEnd): void {
    this.#record.ends(end);
    this.#input('refused');
  }

  // What the legs do with each other.

  held(by: CallSide, held: boolean): void {
    if (this.#state !== 'ended') this.#out.held(this, by, held);
  }

  digit(from: CallSide, digit: string, durationMs: number): void {
    this.#out.digit(this, from, digit, durationMs);
  }

  // What the media session has to say.

  connected(info: ConnectedInfo): void {
    this.#out.mediaConnected(this, info);
  }

  heard(from: Leg, digit: string, durationMs: number): void {
    guarded(this, () => this.#conversation?.heard(from, digit, durationMs));
  }

  failed(leg: Leg, reason: LegFailure): void {
    const end: CallEnd = { cause: 'media-failed', side: leg.side, detail: reason };
    if (this.#state !== 'answered' && leg !== this.caller) this.#ready.giveUp(leg, end);
    else this.stop(end);
  }

  milestone(side: CallSide, milestone: LegMilestone): void {
    this.#out.milestone(this, { side, at: this.#clock.wallTime(), ...milestone });
  }

  agreed(audio: LegAudio): void {
    this.#out.mediaChanged(this, audio);
  }

  measured(quality: readonly LegQuality[]): void {
    this.#out.quality(this, quality);
  }

  closed(reason: 'closed' | 'thread-died'): void {
    const detail = reason === 'thread-died' ? 'a media thread died' : 'the media session is closed';
    this.stop({ cause: 'media-failed', side: 'gateway', detail });
    this.#report();
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

  async #prepare({ relay, caller, callees, dialler, log }: CallOptions): Promise<void> {
    const [first, ...others] = await this.#media.open(relay, [caller, ...callees]);
    invariant(first, 'a call has a caller');
    first.attach(this.#incoming);
    this.#invitation = new Invitation({ caller: first, callees: others, media: this.#media, dialler, log }, this);
    this.#input('prepared');
  }

  #dial(): void {
    this.#ready.dial((callee) => new LegEvents(this, callee.side, callee));
    const [, ...callees] = this.legs;
    for (const { side, session } of callees) this.#out.opened(this, side, session.callId);
    this.#timers.set('no-answer', this.#clock.now() + this.#times.noAnswerMs);
  }

  #progress(callee: Leg, response: SipResponse): void {
    const now = this.#clock.wallTime();
    if (this.#ready.progress(callee, response)) {
      this.#record.pass('earlyMediaAt', now);
      this.#conversation ??= this.#converse(callee);
    }
    if (response.status === 180 && this.#record.pass('ringingAt', now)) this.#out.ringing(this);
  }

  #connect(callee: Leg): void {
    this.#ready.conclude(callee);
    this.#conversation ??= this.#converse(callee);
    this.#parties = { ...this.#parties, user: callee.user ?? this.#parties.user };
    this.#record.pass('answeredAt', this.#clock.wallTime());
    this.#timers.clear('no-answer');
    this.#timers.set('max-duration', this.#clock.now() + this.#times.maxMs);
    this.judgeReachability();
    this.#out.answered(this);
  }

  #converse(callee: Leg): Conversation {
    return new Conversation(this.caller, callee, this, this.log);
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
    this.#out.ended(this, this.#record.finish(this.#parties, facts, this.#clock.wallTime()));
  }

  get #ready(): Invitation {
    invariant(this.#invitation, 'the call has no legs yet');
    return this.#invitation;
  }
}
