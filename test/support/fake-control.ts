/** The gateway behind the API, where a test wants none: it has one call and answers what it is told to. */

import { EventEmitter } from 'node:events';
import type { GatewayControl, GatewayState } from '../../src/api/gateway-control.ts';
import { notFound } from '../../src/api/problem.ts';
import type { Call } from '../../src/api/resources/calls.ts';
import type { Node } from '../../src/api/resources/node.ts';
import type { CallRecord } from '../../src/api/resources/records.ts';
import type { Trace } from '../../src/api/resources/traces.ts';
import type { Trunk } from '../../src/api/resources/trunks.ts';
import type { User } from '../../src/api/resources/users.ts';
import { EventFeed } from '../../src/events/event-feed.ts';
import type { GatewayEvents } from '../../src/events/gateway-events.ts';

const parties = { callId: 'c1', direction: 'outbound', user: 'alice', number: '+15550100', trunk: 'carrier' } as const;

export const fakeCall: Call = { ...parties, state: 'answered', invitedAt: 1, answeredAt: 2, codec: 'PCMU', mos: 4.2 };

const quality = {
  side: 'browser',
  received: { packets: 10, bytes: 1600, lost: 0, jitterMs: 1.5 },
  sent: { packets: 9, bytes: 1440, lost: 0, jitterMs: 0 },
  roundTripMs: 12,
  mos: 4.2,
  dropped: { replay: 1 },
} as const;

const record: CallRecord = {
  ...parties,
  invitedAt: 1,
  ringingAt: null,
  earlyMediaAt: null,
  answeredAt: 2,
  endedAt: 3,
  end: { cause: 'hung-up', side: 'browser' },
  codec: 'PCMU',
  codecs: { browser: 'PCMU/8000', trunk: 'PCMU/8000' },
  transferredFrom: null,
  quality: [quality],
};

const trace: Trace = {
  callId: 'c1',
  parties,
  entries: [
    {
      at: 1,
      kind: 'sip',
      side: 'browser',
      direction: 'received',
      transport: 'ws',
      local: { host: '127.0.0.1', port: 8080 },
      remote: { host: '127.0.0.1', port: 50000 },
      firstLine: 'INVITE sip:1@localhost SIP/2.0',
      text: 'INVITE sip:1@localhost SIP/2.0\r\n\r\n',
    },
    { at: 2, kind: 'milestone', milestone: { side: 'browser', at: 2, what: 'ice-check', remote: null, detail: '' } },
    { at: 2, kind: 'media', side: 'trunk', codec: 'PCMU', direction: 'sendrecv', ptimeMs: 20 },
    { at: 3, kind: 'call', what: 'answered', detail: '' },
  ],
  truncated: false,
  record: null,
  quality: [{ at: 3, legs: [quality] }],
};

const user: User = { name: 'alice', callerId: null, dtmf: 'rfc4733', source: 'configuration', contacts: 1, calls: 1 };

const trunk: Trunk = {
  name: 'carrier',
  target: 'sip:192.0.2.1',
  enabled: true,
  available: true,
  pinged: false,
  registration: null,
  addresses: [{ host: '192.0.2.1', port: 5060 }],
  codecs: ['PCMU'],
  calls: 1,
  changedAt: null,
  detail: '',
};

const node: Node = {
  version: '1.0.0',
  state: 'ready',
  startedAt: 1,
  uptimeSec: 2,
  runtime: 'Node',
  calls: 1,
  registrations: 1,
  memory: { rssBytes: 1, heapUsedBytes: 1 },
  cpu: 0.1,
  threads: [{ thread: 0, sessions: 1, load: null, alive: true }],
  ports: { inUse: 1, total: 10 },
  drivers: { udp: 'auto' },
};

export class FakeControl implements GatewayControl {
  state: GatewayState = 'ready';
  /** What was asked to be done, in words. */
  readonly done: string[] = [];
  readonly emitter = new EventEmitter<GatewayEvents>();
  readonly events = new EventFeed({ events: this.emitter, run: 'run', wallTime: () => 1000, most: 5 });

  readonly calls: GatewayControl['calls'] = {
    running: () => [fakeCall],
    one: (callId) => {
      if (callId !== 'c1') throw notFound('such call running');
      return { ...fakeCall, ringingAt: null, heldBy: ['browser'], media: null, quality: [quality] };
    },
    hangUp: (callId) => void this.done.push(`hang up ${callId}`),
    place: ({ user: name, number }) => {
      this.done.push(`call ${number} for ${name}`);
      return { callId: 'c2' };
    },
  };

  readonly traces: GatewayControl['traces'] = {
    trace: () => trace,
    text: () => 'a trace',
    pcapng: () => Uint8Array.of(1, 2, 3),
    findings: () => [{ rule: 'r', severity: 'info', path: null, text: 't', evidence: ['e'], advice: 'a', since: null }],
  };

  readonly registrations: GatewayControl['registrations'] = {
    all: () => [
      {
        user: 'alice',
        contact: 'sip:x@y.invalid',
        instanceId: null,
        remote: { host: '127.0.0.1', port: 1 },
        userAgent: null,
        connected: true,
        expiresAt: 5,
      },
    ],
    remove: (name, contact) => void this.done.push(`unregister ${name} ${contact}`),
  };

  readonly users: GatewayControl['users'] = {
    all: () => [user],
    one: () => user,
    create: async ({ name, callerId, dtmf }) => ({ ...user, name, callerId, dtmf, source: 'api' }),
    change: async (name, change) => {
      this.done.push(`change ${name}: ${Object.keys(change)}`);
      return { ...user, name };
    },
    remove: async (name) => void this.done.push(`remove ${name}`),
  };

  readonly trunks: GatewayControl['trunks'] = {
    all: () => [trunk],
    one: () => trunk,
    setEnabled: async (_name, enabled) => ({ ...trunk, enabled }),
    test: async (name) => ({ trunk: name, answered: true, status: 200, roundTripMs: 1.5, detail: '200 OK' }),
  };

  readonly records: GatewayControl['records'] = {
    find: async (query) => {
      this.done.push(`find ${JSON.stringify(query)}`);
      return { records: [record], next: 'cursor' };
    },
    one: async () => record,
    csv: async function* () {
      yield 'a,b\r\n';
      yield '1,2\r\n';
    },
  };

  readonly webhooks: GatewayControl['webhooks'] = {
    all: () => [],
    add: async ({ url, filter }) => ({ id: 'w', url, filter, source: 'api', queued: 0, delivered: 0, deadLetters: 0, lastError: null }),
    remove: async (id) => void this.done.push(`remove webhook ${id}`),
  };

  get node(): GatewayControl['node'] {
    return {
      state: this.state,
      describe: () => node,
      configuration: () => ({ domain: 'localhost' }),
      drain: (deadlineSec) => {
        this.done.push(`drain within ${deadlineSec} s`);
        return { state: 'draining', calls: 1 };
      },
    };
  }
}
