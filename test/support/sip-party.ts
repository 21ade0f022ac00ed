/** A user agent on a link, and a session whose events are written down. */

import type { SocketAddress } from '../../src/base/address.ts';
import { Alarm } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Authentication } from '../../src/sip/authentication.ts';
import { bodyText } from '../../src/sip/body.ts';
import type { Connector, Destination, ServerAddress } from '../../src/sip/destination.ts';
import type { InviteEvents, InviteSession, OutgoingInvite } from '../../src/sip/dialog/invite-session.ts';
import type { IncomingInvite, IncomingRequest, IncomingSessionOptions } from '../../src/sip/incoming-request.ts';
import type { Flow } from '../../src/sip/message/flow.ts';
import type { SipRequest } from '../../src/sip/message/message.ts';
import { parseUri } from '../../src/sip/message/uri.ts';
import { UserAgent, type UserAgentOptions } from '../../src/sip/user-agent.ts';
import type { FakeClock } from './fake-clock.ts';
import { type LinkFlow, type LinkQuality, SipLink } from './sip-link.ts';

/** What a session reported, in order: `provisional 180`, `accepted`, `ended remote`, ... */
export class Diary implements InviteEvents {
  readonly entries: string[] = [];
  readonly requests: IncomingRequest[] = [];
  /** How re-INVITEs and UPDATEs are answered; null leaves it to the test. */
  answer: ((incoming: IncomingRequest) => void) | null = (incoming) => incoming.respond(200, { body: 'answer' });
  takesFlow: (flow: Flow, request: SipRequest) => boolean = () => false;

  provisional(response: { status: number }, toTag: string): void {
    this.entries.push(`provisional ${response.status}${toTag === '' ? ' without tag' : ''}`);
  }

  accepted(): void {
    this.entries.push('accepted');
  }

  rejected(failure: { status: number } | 'timeout' | 'transport'): void {
    this.entries.push(`rejected ${typeof failure === 'string' ? failure : failure.status}`);
  }

  cancelled(reason: string | null): void {
    this.entries.push(reason === null ? 'cancelled' : `cancelled ${reason}`);
  }

  acknowledged(body: string | null): void {
    this.entries.push(body === null ? 'acknowledged' : `acknowledged ${body}`);
  }

  modifyRequested(incoming: IncomingRequest): void {
    this.entries.push(`modify ${bodyText(incoming.request) ?? 'without offer'}`);
    this.requests.push(incoming);
    this.answer?.(incoming);
  }

  modified(body: string | null): void {
    this.entries.push(`modified ${body ?? 'without body'}`);
  }

  modifyRejected(status: number): void {
    this.entries.push(`modify rejected ${status}`);
  }

  info(incoming: IncomingRequest): void {
    this.entries.push(`info ${bodyText(incoming.request)}`);
    incoming.respond(200);
  }

  ended(end: { by: string; reason: string | null; status?: number }): void {
    this.entries.push(`ended ${end.by}${end.status === undefined ? '' : ` ${end.status}`}${end.reason === null ? '' : ` ${end.reason}`}`);
  }

  acceptsFlow(flow: Flow, request: SipRequest): boolean {
    return this.takesFlow(flow, request);
  }
}

export interface PartyOptions extends Partial<Omit<UserAgentOptions, 'clock'>> {
  readonly name: string;
  readonly address: SocketAddress;
  readonly authenticate?: (request: SipRequest, flow: Flow) => Authentication;
}

export class SipParty implements Connector {
  readonly agent: UserAgent;
  readonly address: SocketAddress;
  readonly clock: FakeClock;
  readonly flows = new Map<string, Flow>();
  readonly name: string;
  readonly #alarm: Alarm;
  /** By `transport host:port`. */
  readonly #servers = new Map<string, LinkFlow>();
  /** INVITEs that came in, each with its session once one is made. */
  readonly calls: Array<{ incoming: IncomingInvite; session: InviteSession; diary: Diary }> = [];
  /** What becomes of a new INVITE; by default a session that waits for the test. */
  onInvite: (incoming: IncomingInvite) => void = (incoming) => {
    this.takeCall(incoming);
  };
  locate: ((uri: ReturnType<typeof parseUri>) => readonly ServerAddress[]) | null = null;

  constructor(clock: FakeClock, options: PartyOptions) {
    const { name, address, authenticate } = options;
    this.name = name;
    this.clock = clock;
    this.address = address;
    this.#alarm = new Alarm(clock, (now) => this.agent.expire(now));
    this.agent = new UserAgent(
      { random: seededRandom(address.port), log: silentLog, product: `${name}/1`, connector: this, ...options, clock },
      {
        authenticate: authenticate ?? (() => ({ outcome: 'accept', identity: { kind: 'user', user: 'tester' } })),
        flow: (id) => this.flows.get(id),
        flowTo: (flow) => flow,
        advertised: (flow) => ({ ...address, transport: flow.transport }),
        deadlineMoved: (deadlineMs) => this.#alarm.arm(deadlineMs),
      },
    );
    this.agent.handleInvite((incoming) => this.onInvite(incoming));
  }

  /** Takes one end of a link. */
  attach(flow: LinkFlow): void {
    this.flows.set(flow.id, flow);
    this.#servers.set(`${flow.transport} ${flow.remote.host}:${flow.remote.port}`, flow);
    flow.receive = (message) => this.agent.receive(message, flow, this.clock.now());
    flow.onClosed = () => {
      this.flows.delete(flow.id);
      this.agent.flowClosed(flow, this.clock.now());
    };
  }

  takeCall(incoming: IncomingInvite, options: IncomingSessionOptions = {}): { session: InviteSession; diary: Diary } {
    const diary = new Diary();
    const call = { incoming, session: incoming.session(diary, options), diary };
    this.calls.push(call);
    return call;
  }

  call(
    to: { readonly name: string; readonly address: SocketAddress },
    destination: Destination,
    options: Partial<OutgoingInvite> = {},
  ): { session: InviteSession; diary: Diary } {
    const diary = new Diary();
    const { host, port } = to.address;
    const session = this.agent.invite(
      {
        uri: parseUri(`sip:${to.name}@${host}:${port}`),
        from: `<sip:${this.name}@example.com>`,
        to: `<sip:${to.name}@example.com>`,
        contactUser: this.name,
        destination,
        headers: [],
        body: 'offer',
        maxForwards: 70,
        ...options,
      },
      diary,
    );
    return { session, diary };
  }

  async candidates(uri: ReturnType<typeof parseUri>): Promise<readonly ServerAddress[]> {
    if (this.locate) return this.locate(uri);
    const transport = uri.params.get('transport') === 'tcp' ? 'tcp' : 'udp';
    return [{ transport, address: { host: uri.host, port: uri.port ?? 5060 } }];
  }

  async connect(server: ServerAddress): Promise<Flow> {
    const flow = this.#servers.get(`${server.transport} ${server.address.host}:${server.address.port}`);
    if (!flow) throw new Error('connection refused');
    return flow;
  }
}

/** Two parties on one link: `alice` at end a, `bob` at end b. */
export function pair(
  clock: FakeClock,
  transport: 'udp' | 'tcp' | 'ws',
  options: { quality?: LinkQuality; alice?: Partial<PartyOptions>; bob?: Partial<PartyOptions> } = {},
): { alice: SipParty; bob: SipParty; link: SipLink; toBob: Destination; toAlice: Destination } {
  const alice = new SipParty(clock, { name: 'alice', address: { host: '192.0.2.1', port: 5060 }, ...options.alice });
  const bob = new SipParty(clock, { name: 'bob', address: { host: '192.0.2.2', port: 5070 }, ...options.bob });
  const link = connect(clock, transport, alice, bob, options.quality);
  const route = (flow: LinkFlow): Destination =>
    transport === 'ws'
      ? { flowId: flow.id }
      : { uri: parseUri(`sip:${flow.remote.host}:${flow.remote.port};transport=${transport}`), tcpFallback: false };
  return { alice, bob, link, toBob: route(link.a), toAlice: route(link.b) };
}

let links = 0;

/** One more connection between two parties. */
export function connect(clock: FakeClock, transport: 'udp' | 'tcp' | 'ws', a: SipParty, b: SipParty, quality: LinkQuality = {}): SipLink {
  links += 1;
  const link = new SipLink(clock, { transport, a: a.address, b: b.address, name: `${transport}-${links}`, quality });
  a.attach(link.a);
  b.attach(link.b);
  return link;
}

export interface Established {
  readonly alice: SipParty;
  readonly bob: SipParty;
  readonly link: SipLink;
  readonly toBob: Destination;
  readonly caller: { session: InviteSession; diary: Diary };
  readonly callee: { session: InviteSession; diary: Diary };
}

/** A call that has just been answered and acknowledged; the diaries are empty again. */
export async function establish(
  clock: FakeClock,
  transport: 'udp' | 'tcp' | 'ws',
  options: Parameters<typeof pair>[2] & { invite?: Partial<OutgoingInvite>; called?: IncomingSessionOptions } = {},
): Promise<Established> {
  const { alice, bob, link, toBob } = pair(clock, transport, options);
  if (options.called) bob.onInvite = (incoming) => bob.takeCall(incoming, options.called);
  const caller = alice.call(bob, toBob, options.invite);
  await clock.advance(100);
  const callee = lastCall(bob);
  callee.session.accept({ body: 'answer' });
  await clock.advance(100);
  caller.diary.entries.length = 0;
  callee.diary.entries.length = 0;
  link.log.length = 0;
  return { alice, bob, link, toBob, caller, callee };
}

/** The call that came in last. */
export function lastCall(party: SipParty): { incoming: IncomingInvite; session: InviteSession; diary: Diary } {
  const call = party.calls.at(-1);
  if (!call) throw new Error('no call came in');
  return call;
}

/** Nothing of any call is left behind. */
export function leftovers(...parties: readonly SipParty[]): number[] {
  return parties.flatMap(({ agent }) => [agent.sessions, agent.transactions, agent.deadline === Number.POSITIVE_INFINITY ? 0 : 1]);
}
