/** The session timer of one dialog (RFC 4028): who refreshes, when, and when the session has expired. */

import type { HeaderList } from '../incoming-request.ts';
import type { Headers } from '../message/headers.ts';
import type { SipRequest, SipResponse } from '../message/message.ts';
import { isDigits, parseParams, Scanner } from '../message/scanner.ts';
import { SipError } from '../message/sip-error.ts';
import type { Timed } from '../schedule.ts';

export interface SessionTimerOptions {
  /** Interval that we ask for, seconds; null asks for none and takes what the peer wants. */
  readonly proposalSec: number | null;
  /** Smallest interval that we accept, seconds: 90 in RFC 4028. */
  readonly minSec: number;
}

export interface SessionTimerOut {
  refreshDue(now: number): void;
  expired(now: number): void;
}

interface SessionExpires {
  readonly seconds: number;
  readonly refresher: 'uac' | 'uas' | null;
}

/** Intervals below this in a response are nonsense, and would have us refresh without pause. */
const floorSec = 30;

export class SessionTimer implements Timed {
  readonly #options: SessionTimerOptions;
  readonly #out: SessionTimerOut;
  /** Agreed interval; null while no timer runs. */
  #seconds: number | null = null;
  #refresher: 'local' | 'remote' = 'remote';
  /** The largest Min-SE heard (section 7.4). */
  #minimumSec: number;
  #refreshAtMs = Number.POSITIVE_INFINITY;
  #expiresAtMs = Number.POSITIVE_INFINITY;

  constructor(options: SessionTimerOptions, out: SessionTimerOut) {
    this.#options = options;
    this.#out = out;
    this.#minimumSec = options.minSec;
  }

  get deadline(): number {
    return Math.min(this.#refreshAtMs, this.#expiresAtMs);
  }

  /** For our INVITE or UPDATE (7.1, 7.4): the first leaves the choice of the refresher to the peer, a refresh keeps it. */
  offer(): HeaderList {
    const seconds = this.#seconds ?? this.#options.proposalSec;
    if (seconds === null) return [];
    const refresher = this.#seconds === null ? '' : `;refresher=${this.#refresher === 'local' ? 'uac' : 'uas'}`;
    const expires: readonly [string, string] = ['Session-Expires', `${Math.max(seconds, this.#minimumSec)}${refresher}`];
    return this.#minimumSec > this.#options.minSec ? [expires, ['Min-SE', String(this.#minimumSec)]] : [expires];
  }

  /** A 422: true when a greater interval may be tried (7.3). */
  raise(response: SipResponse): boolean {
    const minimum = deltaSeconds(response.headers, 'Min-SE');
    if (minimum === null || minimum <= this.#minimumSec || minimum > 0x7fffffff) return false;
    this.#minimumSec = minimum;
    if (this.#seconds !== null) this.#seconds = Math.max(this.#seconds, minimum);
    return true;
  }

  /** The 2xx of our INVITE or UPDATE (7.2). Without Session-Expires the session does not expire. */
  confirmed(response: SipResponse, now: number): void {
    const agreed = sessionExpires(response.headers);
    if (!agreed) {
      this.stop();
      return;
    }
    this.#start(Math.max(agreed.seconds, floorSec), agreed.refresher === 'uas' ? 'remote' : 'local', now);
  }

  /** Throws SipError 422 for an INVITE or UPDATE whose interval is too small (section 9), 400 for a malformed one. */
  check(request: SipRequest): void {
    const asked = sessionExpires(request.headers);
    if (!asked && request.headers.has('Session-Expires')) throw new SipError(400, 'malformed Session-Expires');
    if (!asked || asked.seconds >= this.#options.minSec || !supportsTimer(request)) return;
    throw new SipError(422, `session interval ${asked.seconds}`, { headers: [['Min-SE', String(this.#options.minSec)]] });
  }

  /** Starts over, and returns what our 2xx to an INVITE or UPDATE says (section 9, table 2). */
  answer(request: SipRequest, now: number): HeaderList {
    const asked = sessionExpires(request.headers);
    const wanted = asked?.seconds ?? this.#seconds ?? this.#options.proposalSec;
    if (wanted === null) return [];
    const seconds = Math.max(wanted, this.#options.minSec, deltaSeconds(request.headers, 'Min-SE') ?? 0);
    const refresher = this.#chooseRefresher(request, asked);
    this.#start(seconds, refresher === 'uas' ? 'local' : 'remote', now);
    const expires: readonly [string, string] = ['Session-Expires', `${seconds};refresher=${refresher}`];
    return refresher === 'uac' ? [expires, ['Require', 'timer']] : [expires];
  }

  stop(): void {
    this.#seconds = null;
    this.#refreshAtMs = Number.POSITIVE_INFINITY;
    this.#expiresAtMs = Number.POSITIVE_INFINITY;
  }

  expire(now: number): void {
    if (this.#expiresAtMs <= now) {
      this.stop();
      this.#out.expired(now);
    } else if (this.#refreshAtMs <= now) {
      this.#refreshAtMs = Number.POSITIVE_INFINITY;
      this.#out.refreshDue(now);
    }
  }

  /** Who asked for the timer refreshes, unless it cannot; a running timer that the request does not mention keeps its refresher. */
  #chooseRefresher(request: SipRequest, asked: SessionExpires | null): 'uac' | 'uas' {
    if (!supportsTimer(request)) return 'uas';
    if (asked) return asked.refresher ?? 'uac';
    return this.#seconds !== null && this.#refresher === 'remote' ? 'uac' : 'uas';
  }

  /** Refresh at half of the interval (section 7.2), BYE a third or 32 s before its end, whichever is nearer (section 10). */
  #start(seconds: number, refresher: 'local' | 'remote', now: number): void {
    this.#seconds = seconds;
    this.#refresher = refresher;
    this.#refreshAtMs = refresher === 'local' ? now + seconds * 500 : Number.POSITIVE_INFINITY;
    this.#expiresAtMs = now + (seconds - Math.min(32, seconds / 3)) * 1000;
  }
}

function supportsTimer(request: SipRequest): boolean {
  const { headers } = request;
  return [...headers.tokens('Supported'), ...headers.tokens('Require')].some((option) => option.toLowerCase() === 'timer');
}

function sessionExpires(headers: Headers): SessionExpires | null {
  const value = headers.get('Session-Expires');
  const seconds = deltaSeconds(headers, 'Session-Expires');
  if (value === undefined || seconds === null) return null;
  return { seconds, refresher: refresherOf(value) };
}

function refresherOf(value: string): 'uac' | 'uas' | null {
  try {
    const scanner = new Scanner(value);
    scanner.token();
    const refresher = parseParams(scanner).get('refresher')?.toLowerCase();
    return refresher === 'uac' || refresher === 'uas' ? refresher : null;
  } catch {
    return null;
  }
}

/** `delta-seconds *(SEMI generic-param)`; null when the header is not there or malformed. */
function deltaSeconds(headers: Headers, name: string): number | null {
  const value = headers.get(name) ?? '';
  let end = 0;
  while (isDigits(value.charAt(end))) end++;
  return end === 0 ? null : Math.min(Number(value.slice(0, end)), 0xffffffff);
}
