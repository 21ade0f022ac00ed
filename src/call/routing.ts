/** From an INVITE to the legs of a call: who calls, who is called, and what each leg's INVITE says. */

import { formatHost } from '../base/address.ts';
import type { Random } from '../base/random.ts';
import type { CallParties } from '../events/gateway-events.ts';
import { type Binding, forkTargets, type LocationStore } from '../location/location-store.ts';
import type { Credentials } from '../sip/authentication.ts';
import type { IncomingInvite } from '../sip/incoming-request.ts';
import type { Flow } from '../sip/message/flow.ts';
import type { SipRequest } from '../sip/message/message.ts';
import { escapeUser, parseUri, percentDecode, printUri, type SipUri } from '../sip/message/uri.ts';
import { type Browsers, planBrowserLeg, sameBrowser } from './browser-leg.ts';
import { dialledNumber } from './dialled-number.ts';
import type { BrowserIdentity, Dialling, LegPlan } from './leg.ts';
import { type FlowSource, planTrunkLeg } from './trunk-leg.ts';

/** A user as calls need it. */
export interface CallUser {
  readonly name: string;
  /** The number shown to trunks. */
  readonly callerId: string;
  readonly dtmfByInfo: boolean;
}

/** A trunk as calls need it. */
export interface CallTrunk extends FlowSource {
  readonly name: string;
  readonly target: SipUri;
  readonly credentials: Credentials | null;
  readonly codecs: readonly string[];
  readonly learn: boolean;
  readonly tcpFallback: boolean;
  /** False while it does not answer: it takes no calls then. */
  readonly available: boolean;
  /** False while an operator has taken it out of use: it takes no calls then, and may make none. */
  readonly enabled: boolean;
  /** Our own host as this trunk sees us. */
  readonly localHost: string;
}

/** The parts of the gateway that say who is who. */
export interface Directory {
  user(name: string): CallUser | undefined;
  trunk(name: string): CallTrunk | undefined;
  /** The trunk for a number that a browser dials. */
  trunkFor(number: string): CallTrunk | undefined;
  /** The users behind a number that a trunk calls. */
  usersFor(number: string): readonly CallUser[];
  flow(id: string): Flow | undefined;
}

export interface RoutingOptions {
  readonly domain: string;
  readonly sessionExpiresSec: number;
  readonly directory: Directory;
  readonly location: LocationStore;
  readonly random: Random;
}

/** What a call is made of. */
export interface Connection {
  readonly parties: Omit<CallParties, 'callId'>;
  readonly caller: LegPlan;
  readonly callees: readonly LegPlan[];
  /** For challenges of the caller's side to our own requests. */
  readonly credentials: Credentials | null;
}

export interface Refusal {
  readonly status: number;
  readonly detail: string;
}

const anonymous = 'anonymous';
const noRoute: Refusal = { status: 404, detail: 'no route for this number' };
const outOfUse: Refusal = { status: 503, detail: 'the trunk is out of use' };

export class Routing implements Browsers {
  readonly #options: RoutingOptions;

  constructor(options: RoutingOptions) {
    this.#options = options;
  }

  /** A browser dials a number. */
  outbound(incoming: IncomingInvite, user: CallUser): Connection | Refusal {
    const { uri } = incoming.request;
    const number = this.#isOurs(uri, incoming.flow) ? dialledNumber(uri) : null;
    const trunk = number === null ? undefined : this.#options.directory.trunkFor(number);
    if (number === null || !trunk) return noRoute;
    if (!trunk.enabled) return outOfUse;
    if (!trunk.available) return { status: 503, detail: 'the trunk does not answer' };
    const target: SipUri = { ...trunk.target, user: escapeUser(number) };
    const dialling: Dialling = {
      uri: target,
      from: `<sip:${escapeUser(user.callerId)}@${formatHost(trunk.localHost)}>`,
      to: `<${printUri({ ...target, port: null, params: new Map() })}>`,
      contactUser: escapeUser(user.callerId),
      destination: { uri: target, tcpFallback: trunk.tcpFallback },
      headers: [],
      credentials: trunk.credentials,
      sessionExpiresSec: this.#options.sessionExpiresSec,
      maxForwards: nextMaxForwards(incoming.request),
    };
    return {
      parties: { direction: 'outbound', user: user.name, number, trunk: trunk.name },
      caller: this.#browserLeg(user, this.#identityOf(incoming, user), null),
      callees: [this.#trunkLeg(trunk, dialling)],
      credentials: null,
    };
  }

  /** A trunk calls a number: every contact of its users rings (RFC 3261 16.7 in parallel). */
  inbound(incoming: IncomingInvite, trunk: CallTrunk): Connection | Refusal {
    if (!trunk.enabled) return outOfUse;
    const { directory, location } = this.#options;
    const called = dialledNumber(incoming.request.uri);
    const users = called === null ? [] : directory.usersFor(called);
    if (users.length === 0) return noRoute;
    const number = dialledNumber(incoming.request.headers.from.uri) ?? anonymous;
    const isNamed = instanceFilter(incoming.request.uri);
    const callees = users.flatMap((user) =>
      forkTargets(location.bindingsOf(user.name).filter(isNamed)).flatMap((binding) => {
        const dialling = this.#toBrowser(user, binding, number, incoming.request);
        return dialling ? [this.#browserLeg(user, identityOf(binding), dialling)] : [];
      }),
    );
    if (callees.length === 0) return { status: 480, detail: 'nobody is registered' };
    return {
      parties: { direction: 'inbound', user: users.length === 1 ? (users[0]?.name ?? null) : null, number, trunk: trunk.name },
      caller: this.#trunkLeg(trunk, null),
      callees,
      credentials: trunk.credentials,
    };
  }

  isAlive(flowId: string): boolean {
    return this.#options.directory.flow(flowId)?.closed === false;
  }

  ownsFlow(identity: BrowserIdentity, flow: Flow): boolean {
    return this.#options.location.byFlow(flow.id).some((binding) => sameBrowser(identity, identityOf(binding)));
  }

  /** A number of another domain is not ours to call; a tel: URI belongs to none. */
  #isOurs(uri: SipUri | string, { local }: Flow): boolean {
    if (typeof uri === 'string') return true;
    return uri.host === this.#options.domain.toLowerCase() || uri.host === local.host;
  }

  /** Null for a binding whose connection is gone: an `.invalid` contact is never looked up (RFC 7118 5). */
  #toBrowser(user: CallUser, binding: Binding, number: string, invite: SipRequest): Dialling | null {
    const { directory, domain, sessionExpiresSec } = this.#options;
    if (binding.flowId === null || !directory.flow(binding.flowId)) return null;
    return {
      uri: parseUri(binding.contactUri),
      from: `<sip:${escapeUser(number)}@${formatHost(domain)}>`,
      to: `<sip:${escapeUser(user.name)}@${formatHost(domain)}>`,
      contactUser: escapeUser(number),
      destination: { flowId: binding.flowId },
      headers: binding.path.map((path) => ['Route', path] as const),
      credentials: null,
      sessionExpiresSec,
      maxForwards: nextMaxForwards(invite),
    };
  }

  #browserLeg(user: CallUser, identity: BrowserIdentity, dialling: Dialling | null): LegPlan {
    return planBrowserLeg({ identity, sessionId: this.#sessionId(), dialling, dtmfByInfo: user.dtmfByInfo, browsers: this });
  }

  #trunkLeg(trunk: CallTrunk, dialling: Dialling | null): LegPlan {
    return planTrunkLeg({
      sessionId: this.#sessionId(),
      dialling,
      codecs: trunk.codecs,
      learn: trunk.learn,
      trunk,
      signallingHost: trunk.target.host,
    });
  }

  /** The registration behind the connection that the INVITE came over. */
  #identityOf(incoming: IncomingInvite, user: CallUser): BrowserIdentity {
    const binding = this.#options.location.byFlow(incoming.flow.id).find((candidate) => candidate.user === user.name);
    return binding ? identityOf(binding) : { user: user.name, instanceId: null, key: null };
  }

  /** Digits for o=; below 2^63. */
  #sessionId(): string {
    return String(this.#options.random.uint32());
  }
}

function identityOf(binding: Binding): BrowserIdentity {
  return { user: binding.user, instanceId: binding.instanceId, key: binding.key };
}

/** A GRUU reaches the one browser that it names (RFC 5627 section 6.1). */
function instanceFilter(uri: SipUri | string): (binding: Binding) => boolean {
  const instance = typeof uri === 'string' ? undefined : uri.params.get('gr');
  if (instance === undefined) return () => true;
  return ({ instanceId }) => instanceId !== null && instanceId === percentDecode(instance ?? '');
}

function nextMaxForwards(request: SipRequest): number {
  return (request.headers.maxForwards ?? 70) - 1;
}
