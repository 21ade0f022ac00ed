/** All calls of the gateway: admits INVITEs of users and trunks, and tells the world what becomes of them. */

import type { EventEmitter } from 'node:events';
import { type Clock, DeadlineQueue } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { CallRecord, CallSide, GatewayEvents, LegAudio, LegQuality } from '../events/gateway-events.ts';
import type { MediaMilestone } from '../events/media-milestone.ts';
import type { ConnectedInfo, MediaRelay } from '../relay/media-relay.ts';
import type { IncomingInvite } from '../sip/incoming-request.ts';
import { Call, type CallOut, type CallTimes } from './call.ts';
import type { BrowserIdentity, Dialler } from './leg.ts';
import type { Connection, Directory, Refusal, Routing } from './routing.ts';
import { Tally } from './tally.ts';

export interface SwitchboardOptions {
  readonly agent: Dialler;
  readonly relay: MediaRelay;
  readonly routing: Routing;
  readonly directory: Directory;
  readonly times: CallTimes;
  readonly sessionExpiresSec: number;
  readonly limits: CallLimits;
  readonly events: EventEmitter<GatewayEvents>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The nearest deadline of all calls may have come nearer. */
  rescheduled(): void;
}

export interface CallLimits {
  readonly calls: number;
  readonly callsPerUser: number;
  readonly callsPerAddress: number;
  /** Null: as many as there may be in all. */
  readonly callsPerTrunk: number | null;
}

/** Of a gateway that is stopping. */
const retryAfterSec = 30;

interface Running {
  readonly log: Log;
  /** Of whoever sent the INVITE. */
  readonly address: string;
  /** As whose call it is counted. */
  user: string | null;
}

export class Switchboard implements CallOut {
  readonly #options: SwitchboardOptions;
  readonly #calls = new Map<Call, Running>();
  /** Running calls by what is limited: an INVITE must not have to look at all of them. */
  readonly #ofUser = new Tally();
  readonly #ofAddress = new Tally();
  readonly #ofTrunk = new Tally();
  /** Ended, for as long as a BYE of theirs may wait for a browser without connection. */
  readonly #leaving = new Set<Call>();
  readonly #deadlines = new DeadlineQueue<Call>();
  #whenDrained: Array<() => void> | null = null;
  /** When calls that run are ended. */
  #endsAt = Number.POSITIVE_INFINITY;

  constructor(options: SwitchboardOptions) {
    this.#options = options;
  }

  get calls(): Iterable<Call> {
    return this.#calls.keys();
  }

  get size(): number {
    return this.#calls.size;
  }

  get deadline(): number {
    return Math.min(this.#deadlines.deadline, this.#endsAt);
  }

  expire(now: number): void {
    for (let call = this.#deadlines.takeExpired(now); call; call = this.#deadlines.takeExpired(now)) {
      if (!this.#leaving.delete(call)) call.expire(now);
    }
    if (now >= this.#endsAt) this.#endAll();
  }

  /** An INVITE outside of any dialog. `callId`: where the call is known already. */
  invited(incoming: IncomingInvite, callId: string = this.#options.random.token(16)): void {
    const connection = this.#admit(incoming) ?? this.#admitToTrunk(this.#route(incoming));
    if ('status' in connection) this.#refuse(incoming, connection);
    else this.#start(incoming, connection, callId);
  }

  /** A browser registered over a new connection: its calls move there. */
  moved(browser: BrowserIdentity, flowId: string): void {
    for (const call of [...this.#calls.keys(), ...this.#leaving]) {
      for (const leg of call.legs) leg.moved(browser, flowId);
      call.judgeReachability();
    }
  }

  flowClosed(flowId: string): void {
    for (const call of this.#calls.keys()) if (call.legs.some((leg) => leg.session.flowId === flowId)) call.judgeReachability();
  }

  /** Takes no more calls, ends those that still run after `patienceMs`, and resolves when the last is gone. Asked again: the sooner counts. */
  async drain(patienceMs = 0): Promise<void> {
    this.#whenDrained ??= [];
    const waiting = this.#whenDrained;
    this.#endsAt = Math.min(this.#endsAt, this.#options.clock.now() + patienceMs);
    if (patienceMs === 0) this.#endAll();
    else this.#options.rescheduled();
    if (this.#calls.size > 0) await new Promise<void>((resolve) => waiting.push(resolve));
  }

  #endAll(): void {
    this.#endsAt = Number.POSITIVE_INFINITY;
    for (const call of [...this.#calls.keys()]) call.stop({ cause: 'shutdown', side: 'gateway' });
  }

  opened(call: Call, side: CallSide, sipCallId: string): void {
    this.#options.events.emit('call.leg', { side, sipCallId, ...call.parties });
  }

  ringing(call: Call): void {
    this.#options.events.emit('call.ringing', call.parties);
  }

  answered(call: Call): void {
    this.#countUser(call);
    this.#logOf(call).info({}, 'answered');
    this.#options.events.emit('call.answered', call.parties);
  }

  mediaConnected(call: Call, { profile, remote }: ConnectedInfo): void {
    this.#logOf(call).info({ profile, remote }, 'media connected');
    this.#options.events.emit('call.media', { profile, remote, ...call.parties });
  }

  held(call: Call, by: CallSide, held: boolean): void {
    this.#options.events.emit(held ? 'call.held' : 'call.resumed', { by, ...call.parties });
  }

  digit(call: Call, from: CallSide, digit: string, durationMs: number): void {
    this.#options.events.emit('dtmf', { from, digit, durationMs, ...call.parties });
  }

  milestone(call: Call, milestone: MediaMilestone): void {
    const { side, what, remote, detail } = milestone;
    this.#logOf(call).debug({ side, what, remote, detail }, 'media milestone');
    this.#options.events.emit('call.milestone', { milestone, ...call.parties });
  }

  mediaChanged(call: Call, audio: LegAudio): void {
    this.#logOf(call).debug({ ...audio }, 'media agreed');
    this.#options.events.emit('call.media-changed', { audio, ...call.parties });
  }

  quality(call: Call, quality: readonly LegQuality[]): void {
    this.#options.events.emit('call.quality', { quality, ...call.parties });
  }

  ended(call: Call, record: CallRecord): void {
    this.#logOf(call).info(
      { answered: record.answeredAt !== null, durationMs: record.endedAt - record.invitedAt, ...record.end },
      'call ended',
    );
    this.#forget(call);
    this.#deadlines.delete(call);
    if (call.legs.some(({ side, session }) => side === 'browser' && session.state !== 'terminated')) this.#letLeave(call);
    this.#options.events.emit('call.ended', record);
    if (this.#calls.size === 0) for (const resolve of this.#whenDrained?.splice(0) ?? []) resolve();
  }

  rescheduled(call: Call): void {
    if (!this.#calls.has(call)) return;
    const { deadline } = call;
    this.#deadlines.set(call, deadline);
    if (deadline <= this.#deadlines.deadline) this.#options.rescheduled();
  }

  #letLeave(call: Call): void {
    this.#leaving.add(call);
    this.#deadlines.set(call, this.#options.clock.now() + this.#options.times.graceMs);
    this.#options.rescheduled();
  }

  #admit(incoming: IncomingInvite): Refusal | null {
    const { limits } = this.#options;
    if (this.#whenDrained) return { status: 503, detail: 'the gateway is stopping' };
    if (this.#calls.size >= limits.calls) return { status: 503, detail: 'too many calls' };
    if (incoming.identity.kind === 'trunk') return null;
    if (this.#ofUser.of(incoming.identity.user) >= limits.callsPerUser) return { status: 486, detail: 'too many calls of this user' };
    const ofAddress = this.#ofAddress.of(incoming.flow.remote.host);
    return ofAddress >= limits.callsPerAddress ? { status: 503, detail: 'too many calls from this address' } : null;
  }

  /** Either way: one trunk cannot take the places of all others. */
  #admitToTrunk(connection: Connection | Refusal): Connection | Refusal {
    const { callsPerTrunk } = this.#options.limits;
    if ('status' in connection || callsPerTrunk === null) return connection;
    return this.#ofTrunk.of(connection.parties.trunk) >= callsPerTrunk
      ? { status: 503, detail: 'too many calls of this trunk' }
      : connection;
  }

  #route(incoming: IncomingInvite): Connection | Refusal {
    const { directory, routing } = this.#options;
    const { identity } = incoming;
    if (identity.kind === 'user') {
      const user = directory.user(identity.user);
      return user ? routing.outbound(incoming, user) : { status: 403, detail: 'unknown user' };
    }
    const trunk = directory.trunk(identity.trunk);
    return trunk ? routing.inbound(incoming, trunk) : { status: 403, detail: 'unknown trunk' };
  }

  #refuse(incoming: IncomingInvite, { status, detail }: Refusal): void {
    this.#options.log.info({ status, detail, from: incoming.identity }, 'call refused');
    const direction = incoming.identity.kind === 'user' ? 'outbound' : 'inbound';
    this.#options.events.emit('call.refused', { direction, status, detail });
    // RFC 3261 section 21.5.4: who meets a 503 goes elsewhere for so long.
    const retryAfter = this.#whenDrained ? [['Retry-After', String(retryAfterSec)] as const] : [];
    incoming.respond(status, { headers: [['Reason', `SIP;cause=${status};text="${detail}"`], ...retryAfter] });
  }

  #start(incoming: IncomingInvite, { parties, caller, callees, credentials }: Connection, callId: string): void {
    const { agent, relay, times, sessionExpiresSec, clock } = this.#options;
    const log = this.#options.log.child({ callId });
    const sipCallId = incoming.request.headers.callId;
    const call = new Call(
      {
        parties: { callId, ...parties },
        incoming,
        incomingOptions: { credentials, sessionExpiresSec },
        caller,
        callees,
        relay,
        dialler: agent,
        times,
        log,
        clock,
      },
      this,
    );
    this.#remember(call, { log, address: incoming.flow.remote.host, user: null });
    log.info({ ...parties }, 'call');
    this.#options.events.emit('call.started', call.parties);
    this.opened(call, parties.direction === 'outbound' ? 'browser' : 'trunk', sipCallId);
  }

  #remember(call: Call, running: Running): void {
    this.#calls.set(call, running);
    this.#ofAddress.add(running.address);
    this.#ofTrunk.add(call.parties.trunk);
    this.#countUser(call);
  }

  #forget(call: Call): void {
    const running = this.#calls.get(call);
    if (!running) return;
    this.#calls.delete(call);
    this.#ofAddress.remove(running.address);
    this.#ofTrunk.remove(call.parties.trunk);
    if (running.user !== null) this.#ofUser.remove(running.user);
  }

  /** A call that comes in is its user's when somebody has answered. */
  #countUser(call: Call): void {
    const running = this.#calls.get(call);
    const { user } = call.parties;
    if (!running || running.user === user) return;
    if (running.user !== null) this.#ofUser.remove(running.user);
    if (user !== null) this.#ofUser.add(user);
    running.user = user;
  }

  #logOf(call: Call): Log {
    return this.#calls.get(call)?.log ?? this.#options.log;
  }
}
