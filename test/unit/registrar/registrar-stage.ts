/** A registrar with one user, and what it is told and tells. */

import { seededRandom } from '../../../src/base/random.ts';
import type { Binding } from '../../../src/location/location-store.ts';
import { MemoryLocationStore } from '../../../src/location/memory.ts';
import { Registrar, type RegistrarOptions } from '../../../src/registrar/registrar.ts';
import type { HeaderList } from '../../../src/sip/incoming-request.ts';
import type { Flow } from '../../../src/sip/message/flow.ts';
import { Headers } from '../../../src/sip/message/headers.ts';
import { SipError } from '../../../src/sip/message/sip-error.ts';
import { credentialsOf } from '../../support/credentials.ts';
import { browserRequest, incoming, type RequestParts, type Response } from './browser.ts';

export const instance = 'urn:uuid:afc6ba8f-5e70-402a-a298-891b420a97f7';
export const contact = (more = '', uri = 'sip:8jemvje9@jev4bo0jijht.invalid;transport=ws') => ['Contact', `<${uri}>${more}`] as const;
export const outbound = ['Supported', 'path, gruu, outbound'] as const;
export const jssip = (more = '', uri?: string) => contact(`;+sip.ice;reg-id=1;+sip.instance="<${instance}>"${more}`, uri);

export function setUp(options: Partial<RegistrarOptions> = {}) {
  const location = new MemoryLocationStore();
  const events: string[] = [];
  const moves: Array<readonly [string | null, string | null]> = [];
  const registrar = new Registrar(
    {
      domain: 'example.com',
      credentials: credentialsOf('example.com', { alice: 'secret' }),
      algorithms: ['MD5'],
      nonceTtlMs: 300_000,
      attempts: { maxFailures: 10, windowMs: 60_000 },
      minExpiresSec: 30,
      maxExpiresSec: 600,
      maxContactsPerUser: 3,
      maxContactsPerAddress: 10,
      graceMs: 30_000,
      location,
      random: seededRandom(1),
      ...options,
    },
    {
      registered: (binding, previous) => {
        events.push(`registered ${binding.key}`);
        if (previous) moves.push([previous.flowId, binding.flowId]);
      },
      unregistered: (binding, cause) => events.push(`${cause} ${binding.key}`),
      authenticationFailed: () => {},
    },
  );
  const register = (flow: Flow, headers: HeaderList, now = 0, parts: RequestParts = {}): Response => {
    const request = incoming(browserRequest({ ...parts, headers }), flow);
    const error = refusalOf(() => registrar.receive(request, now));
    const [response = error, ...others] = request.responses;
    if (!response || others.length > 0) throw new Error('not one answer');
    return response;
  };
  const bindings = (): readonly Binding[] => location.bindingsOf('alice');
  return { registrar, location, events, moves, register, bindings };
}

/** The answer that the error stands for, if there is one. */
export function refusalOf(work: () => void): Response | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (!(error instanceof SipError)) throw error;
    return { status: error.status, headers: new Headers(error.headers) };
  }
}

export const statusOf = ({ status }: Response) => status;
