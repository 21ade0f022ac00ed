/** Our registration at a trunk (RFC 3261 section 10.2): made, refreshed before it ends, tried again with growing pauses. */

import { formatHost } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Random } from '../base/random.ts';
import type { SipResponse } from '../sip/message/message.ts';
import { escapeUser, type SipUri, uriUser } from '../sip/message/uri.ts';
import { type Requester, type RequestResult, resultText } from './requester.ts';
import type { Trunk } from './trunk.ts';

export interface RegistrationOptions {
  readonly trunk: Trunk;
  readonly clock: Pick<Clock, 'now'>;
  readonly random: Random;
  readonly log: Log;
}

export interface RegistrationOut extends Requester {
  registered(trunk: Trunk, expiresSec: number): void;
  unregistered(trunk: Trunk, detail: string): void;
}

const longestExpiresSec = 604_800;
const shortestPauseSec = 10;
const longestPauseSec = 600;
/** Wrong credentials do not mend themselves, and trying on gets an address banned. */
const refusedPauseSec = 300;
const stopSec = 2;

export class Registration {
  readonly #options: RegistrationOptions;
  readonly #out: RegistrationOut;
  readonly #user: string;
  readonly #callId: string;
  #sequence = 0;
  #expiresSec: number;
  #failures = 0;
  #registered = false;
  #deadline = Number.POSITIVE_INFINITY;
  #pending: { cancel(): void } | undefined;
  /** Once we are stopping: to be called when that is done. */
  #stopped: (() => void) | undefined;

  /** The trunk has credentials. */
  constructor(options: RegistrationOptions, out: RegistrationOut) {
    this.#options = options;
    this.#out = out;
    this.#user = options.trunk.credentials?.username ?? '';
    this.#callId = options.random.token(26);
    this.#expiresSec = options.trunk.options.registerExpiresSec;
  }

  get deadline(): number {
    return this.#deadline;
  }

  get registered(): boolean {
    return this.#registered;
  }

  start(): void {
    this.#register(this.#expiresSec, (result) => this.#answered(result));
  }

  expire(now: number): void {
    if (now < this.#deadline) return;
    this.#deadline = Number.POSITIVE_INFINITY;
    if (this.#stopped) this.#finish();
    else this.start();
  }

  /** Removes the registration; `done` is called when the trunk has answered or two seconds are over, at once if there is none. */
  stop(done: () => void): void {
    this.#pending?.cancel();
    this.#pending = undefined;
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#stopped = done;
    if (!this.#registered) {
      this.#finish();
      return;
    }
    this.#registered = false;
    this.#wait(stopSec);
    this.#register(0, () => this.#finish());
  }

  #finish(): void {
    this.#deadline = Number.POSITIVE_INFINITY;
    this.#pending?.cancel();
    this.#pending = undefined;
    const done = this.#stopped;
    this.#stopped = () => {};
    done?.();
  }

  #register(expiresSec: number, done: (result: RequestResult) => void): void {
    const { target, credentials, tcpFallback } = this.#options.trunk;
    const addressOfRecord = `<sip:${escapeUser(this.#user)}@${formatHost(target.host)}>`;
    this.#pending = this.#out.request(
      {
        method: 'REGISTER',
        uri: registrarOf(target),
        from: addressOfRecord,
        to: addressOfRecord,
        headers: [['Expires', String(expiresSec)]],
        destination: { uri: target, tcpFallback },
        credentials,
        contactUser: this.#user,
        callId: this.#callId,
        nextSequence: () => ++this.#sequence,
      },
      done,
    );
  }

  #answered(result: RequestResult): void {
    this.#pending = undefined;
    if (this.#stopped) return;
    if (typeof result !== 'string' && result.status < 300) this.#accepted(result);
    else if (typeof result !== 'string' && result.status === 423 && this.#asksForLonger(result)) this.start();
    else this.#failed(result);
  }

  #accepted(response: SipResponse): void {
    const granted = grantedSec(response, this.#user) ?? this.#expiresSec;
    this.#failures = 0;
    this.#registered = true;
    this.#options.log.info({ trunk: this.#options.trunk.name, expiresSec: granted }, 'registered at trunk');
    this.#out.registered(this.#options.trunk, granted);
    this.#wait(granted * this.#share(0.75, 0.9));
  }

  /** RFC 3261 10.2.8: the registrar names the shortest time it takes. */
  #asksForLonger(response: SipResponse): boolean {
    const least = secondsOf(response, 'Min-Expires');
    if (least === undefined || least <= this.#expiresSec || least > longestExpiresSec) return false;
    this.#expiresSec = least;
    return true;
  }

  #failed(result: RequestResult): void {
    const pauseSec = this.#pauseSec(result);
    const detail = resultText(result);
    this.#failures++;
    this.#registered = false;
    this.#options.log.warn({ trunk: this.#options.trunk.name, result: detail, pauseSec: Math.round(pauseSec) }, 'not registered at trunk');
    this.#out.unregistered(this.#options.trunk, detail);
    this.#wait(pauseSec);
  }

  /** RFC 5626 section 4.5: doubling pauses, partly by lot, so that a trunk's return is not met by all at once. */
  #pauseSec(result: RequestResult): number {
    const pauseSec = Math.min(longestPauseSec, shortestPauseSec * 2 ** Math.min(this.#failures, 10)) * this.#share(0.5, 1);
    if (typeof result === 'string') return pauseSec;
    const refused = result.status === 401 || result.status === 407 || result.status === 403;
    const asked = Math.min(secondsOf(result, 'Retry-After') ?? 0, 3600);
    return Math.max(pauseSec, asked, refused ? refusedPauseSec : 0);
  }

  #share(least: number, most: number): number {
    return least + ((most - least) * this.#options.random.uint32()) / 2 ** 32;
  }

  #wait(delaySec: number): void {
    this.#deadline = this.#options.clock.now() + Math.max(1, delaySec) * 1000;
    this.#out.deadlineMoved();
  }
}

/** RFC 3261 10.2: the Request-URI names the domain of the registration and no user. */
function registrarOf(target: SipUri): SipUri {
  return { ...target, params: new Map() };
}

/** What the registrar granted to our Contact; other devices may be registered under the same address of record. */
function grantedSec(response: SipResponse, user: string): number | undefined {
  const { contacts, expires } = response.headers;
  if (contacts === '*') return expires;
  const ours = contacts.filter(({ uri }) => typeof uri !== 'string' && uriUser(uri) === user);
  const granted = ours.map(({ params }) => numberOf(params.get('expires'))).filter((seconds) => seconds !== undefined);
  return granted.length > 0 ? Math.max(...granted) : expires;
}

function secondsOf(response: SipResponse, header: string): number | undefined {
  return numberOf(response.headers.get(header));
}

/** The leading digits: Retry-After may go on with a comment and parameters (RFC 3261 20.33). */
function numberOf(text: string | null | undefined): number | undefined {
  const seconds = Number.parseInt(text ?? '', 10);
  return seconds >= 0 ? seconds : undefined;
}
