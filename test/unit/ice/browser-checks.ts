/** Connectivity checks as a browser sends them, and a record of what the agent does with them. */

import type { SocketAddress } from '../../../src/base/address.ts';
import type { IceCredentials } from '../../../src/ice/credentials.ts';
import { type CheckRefusal, LiteAgent, type LiteAgentOptions, type PeerAddress } from '../../../src/ice/lite-agent.ts';
import { addFingerprint, addIntegrity, integrityKey } from '../../../src/stun/integrity.ts';
import { parseStun, type StunAttribute, type StunMessage, stunAttribute, writeStun } from '../../../src/stun/message.ts';

export const local: IceCredentials = { ufrag: 'ours', pwd: 'our-password-of-26-letters' };
export const renewed: IceCredentials = { ufrag: 'ours2', pwd: 'another-password-of-ours-26' };

const controlling: StunAttribute = { type: stunAttribute.iceControlling, value: new Uint8Array(8) };
export const controlled: StunAttribute = { type: stunAttribute.iceControlled, value: new Uint8Array(8) };
export const useCandidate: StunAttribute = { type: stunAttribute.useCandidate, value: new Uint8Array(0) };

const priority: StunAttribute = { type: stunAttribute.priority, value: Uint8Array.of(0x6e, 0, 1, 255) };
const networkInfo: StunAttribute = { type: 0xc057, value: Uint8Array.of(0, 1, 0, 10) };

export interface Check {
  readonly username?: string;
  readonly credentials?: IceCredentials;
  readonly extra?: readonly StunAttribute[];
  readonly nominate?: boolean;
  readonly role?: StunAttribute;
}

let transactions = 0;

/** A binding request with its integrity, as Chromium builds it. */
export function check(wanted: Check = {}): StunMessage {
  return read(checkBytes(wanted));
}

export function checkBytes({
  credentials = local,
  username = `${credentials.ufrag}:theirs`,
  extra = [],
  nominate,
  role = controlling,
}: Check = {}): Uint8Array {
  const transactionId = new Uint8Array(12);
  new DataView(transactionId.buffer).setUint32(8, ++transactions);
  const name = { type: stunAttribute.username, value: new Uint8Array(Buffer.from(username)) };
  const attributes = [name, networkInfo, role, priority, ...(nominate ? [useCandidate] : []), ...extra];
  const request = writeStun({ messageClass: 'request', method: 1, transactionId, attributes });
  return addFingerprint(addIntegrity(request, integrityKey(credentials.pwd)));
}

/** Fails the test when it is no STUN message. */
export function read(datagram: Uint8Array): StunMessage {
  const message = parseStun(datagram);
  if (!message) throw new Error('not STUN');
  return message;
}

export function peer(key: number, host = '192.0.2.1'): PeerAddress {
  const address: SocketAddress = { host, port: 50_000 + key };
  return { key, address };
}

export interface Observed {
  readonly agent: LiteAgent;
  /** "validated 1", "nominated 2", "consent lost" ..., in order. */
  readonly events: string[];
  readonly sent: { message: StunMessage; to: number }[];
  /** What was said of each check: null for a valid one. */
  readonly checks: (CheckRefusal | null)[];
}

export function observe(options: Partial<LiteAgentOptions> = {}): Observed {
  const events: string[] = [];
  const sent: Observed['sent'] = [];
  const checks: Observed['checks'] = [];
  const agent = new LiteAgent(
    { local, ...options },
    {
      send: (datagram, to) => sent.push({ message: read(datagram), to }),
      checked: (_from, refusal) => checks.push(refusal),
      validated: ({ key }) => events.push(`validated ${key}`),
      released: ({ key }) => events.push(`released ${key}`),
      nominated: ({ key }) => events.push(`nominated ${key}`),
      consentLost: () => events.push('consent lost'),
      consentRestored: () => events.push('consent restored'),
    },
  );
  return { agent, events, sent, checks };
}
