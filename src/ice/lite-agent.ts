/**
 * The ICE-lite agent of one browser leg (RFC 8445 2.5): it answers connectivity checks and sends none. A check authenticated with
 * our own password validates the address that it came from for 30 s (consent, RFC 7675); one with USE-CANDIDATE nominates it.
 */

import type { SocketAddress } from '../base/address.ts';
import type { HmacSha1 } from '../base/hmac.ts';
import { addFingerprint, addIntegrity, type IntegrityKey, integrityKey, verifyFingerprint, verifyIntegrity } from '../stun/integrity.ts';
import {
  attributeOf,
  bindingMethod,
  type StunAttribute,
  type StunClass,
  type StunMessage,
  stunAttribute,
  writeStun,
} from '../stun/message.ts';
import { errorCode, unknownAttributes, xorMappedAddress } from '../stun/values.ts';
import type { IceCredentials } from './credentials.ts';

/** A remote address with the number that its thread knows it by. */
export interface PeerAddress {
  readonly key: number;
  readonly address: SocketAddress;
}

export interface LiteAgentOut {
  /** `to` is the key of the address that a check came from. */
  send(datagram: Uint8Array, to: number): void;
  /** A connectivity check came; `refusal` is null for a valid one. What it brings about is told after this. */
  checked(from: PeerAddress, refusal: CheckRefusal | null): void;
  /** A valid check came from an address that was not valid before. */
  validated(address: PeerAddress): void;
  /** The address is valid no longer: nothing more is to be taken from it or sent to it. */
  released(address: PeerAddress): void;
  /** Send to this address from now on. */
  nominated(address: PeerAddress): void;
  /** No address is valid any more: nothing may be sent (RFC 7675 5.1). */
  consentLost(): void;
  consentRestored(): void;
}

/** What is wrong with a check. The last two are answered with an error: they come from the browser itself. */
export type CheckRefusal = 'fingerprint' | 'username' | 'integrity' | 'attribute' | 'role';

export interface LiteAgentOptions {
  readonly local: IceCredentials;
  /** How long an address stays valid after a valid check; RFC 7675 says 30 s. */
  readonly consentMs?: number;
  /** How many addresses may be valid at once; the one unheard for longest makes room. */
  readonly maxAddresses?: number;
  /** By default Node's. */
  readonly hmacSha1?: HmacSha1;
}

/** The credentials of one ICE generation. */
interface Generation {
  readonly ufrag: string;
  readonly key: IntegrityKey;
  /** Null until the browser's description has come. */
  remoteUfrag: string | null;
}

interface ValidAddress extends PeerAddress {
  readonly lapsesAt: number;
}

// Attributes below 0x8000 that a check may carry; another one has to be refused (RFC 8489 6.3.1).
const understood: ReadonlySet<number> = new Set([stunAttribute.username, stunAttribute.priority, stunAttribute.useCandidate]);

export class LiteAgent {
  readonly #out: LiteAgentOut;
  readonly #consentMs: number;
  readonly #maxAddresses: number;
  readonly #hmacSha1: HmacSha1 | undefined;
  #current: Generation;
  #previous: Generation | null = null;
  /** Least recently checked first. */
  #valid: readonly ValidAddress[] = [];
  #selected: PeerAddress | null = null;
  #everSelected = false;
  #consent: 'unknown' | 'held' | 'lost' = 'unknown';
  /** When consent is lost if no check ever comes, counted from the browser's description. */
  #firstCheckDue = Number.POSITIVE_INFINITY;

  constructor(options: LiteAgentOptions, out: LiteAgentOut) {
    this.#hmacSha1 = options.hmacSha1;
    this.#current = this.#generationOf(options.local);
    this.#consentMs = options.consentMs ?? 30_000;
    this.#maxAddresses = options.maxAddresses ?? 16;
    this.#out = out;
  }

  /** The address to send to, or null. */
  get selected(): PeerAddress | null {
    return this.#selected;
  }

  get deadline(): number {
    if (this.#consent === 'unknown') return this.#firstCheckDue;
    return this.#valid[0]?.lapsesAt ?? Number.POSITIVE_INFINITY;
  }

  /** The addresses that are valid now. */
  get validated(): readonly PeerAddress[] {
    return this.#valid;
  }

  /** The browser's ufrag for the newest generation: from now on its checks must name it, and one is due within the consent time. */
  setRemoteUfrag(ufrag: string, now: number): void {
    this.#current.remoteUfrag = ufrag;
    this.#firstCheckDue = Math.min(this.#firstCheckDue, now + this.#consentMs);
  }

  /** An ICE restart: checks with the former credentials are answered until one with the new ones nominates. */
  restart(local: IceCredentials): void {
    // The browser's new ufrag may have been told already: the former checks keep naming its old one.
    this.#previous = { ...this.#current, remoteUfrag: null };
    this.#current = this.#generationOf(local);
  }

  /** Takes one message; false if it was no check, or not a valid one. Unauthenticated requests get no answer. */
  receive(message: StunMessage, from: PeerAddress, now: number): boolean {
    // Indications (keep-alives) and answers are no checks.
    if (message.messageClass !== 'request' || message.method !== bindingMethod) return false;
    const generation = this.#authenticate(message);
    if (typeof generation !== 'string') return this.#judge(message, generation, from, now);
    this.#out.checked(from, generation);
    return false;
  }

  expire(now: number): void {
    const lapsed = this.#valid.filter(({ lapsesAt }) => lapsesAt <= now);
    this.#valid = this.#valid.slice(lapsed.length);
    for (const address of lapsed) this.#release(address);
    const neverChecked = this.#consent === 'unknown' && this.#firstCheckDue <= now;
    if (neverChecked || (this.#consent === 'held' && this.#valid.length === 0)) {
      this.#consent = 'lost';
      this.#out.consentLost();
    }
  }

  /** The generation whose credentials the check proves, or what is wrong with it. */
  #authenticate(check: StunMessage): Generation | CheckRefusal {
    // Checks always carry a FINGERPRINT (RFC 8445 7), and its CRC costs less than the HMAC that it saves.
    if (!verifyFingerprint(check)) return 'fingerprint';
    const username = usernameOf(check);
    const generation = [this.#current, this.#previous].find((candidate) => candidate && names(username, candidate));
    if (!generation) return 'username';
    return verifyIntegrity(check, generation.key) ? generation : 'integrity';
  }

  /** An authentic check. */
  #judge(check: StunMessage, generation: Generation, from: PeerAddress, now: number): boolean {
    const refusal = refuse(check);
    this.#out.checked(from, refusal?.reason ?? null);
    if (refusal) this.#answer(check, generation, 'error', refusal.attributes, from);
    else this.#accept(check, generation, from, now);
    return refusal === null;
  }

  #accept(check: StunMessage, generation: Generation, from: PeerAddress, now: number): void {
    this.#answer(check, generation, 'success', [xorMappedAddress(from.address, check.transactionId)], from);
    const address = this.#validate(from, now);
    const nominates = attributeOf(check, stunAttribute.useCandidate) !== undefined;
    // A path that was lost comes back with its first check; the browser need not nominate it again.
    if (nominates || (this.#everSelected && this.#selected === null)) this.#select(address);
    if (nominates && generation === this.#current) this.#previous = null;
  }

  #validate({ key, address }: PeerAddress, now: number): ValidAddress {
    const known = this.#valid.some((other) => other.key === key);
    if (!known && this.#valid.length >= this.#maxAddresses) this.#releaseOldest();
    const valid = { key, address, lapsesAt: now + this.#consentMs };
    this.#valid = this.#others(valid).concat(valid);
    const wasLost = this.#consent === 'lost';
    this.#consent = 'held';
    if (!known) this.#out.validated(valid);
    if (wasLost) this.#out.consentRestored();
    return valid;
  }

  #select(address: PeerAddress): void {
    if (this.#selected?.key === address.key) return;
    this.#selected = address;
    this.#everSelected = true;
    this.#out.nominated(address);
  }

  #releaseOldest(): void {
    const oldest = this.#valid.find(({ key }) => key !== this.#selected?.key);
    if (oldest) this.#release(oldest);
  }

  /** If it was selected, the address heard most recently takes its place. */
  #release(address: PeerAddress): void {
    this.#valid = this.#others(address);
    this.#out.released(address);
    if (this.#selected?.key !== address.key) return;
    this.#selected = null;
    const latest = this.#valid.at(-1);
    if (latest) this.#select(latest);
  }

  #others({ key }: PeerAddress): readonly ValidAddress[] {
    return this.#valid.filter((other) => other.key !== key);
  }

  #generationOf({ ufrag, pwd }: IceCredentials): Generation {
    return { ufrag, key: integrityKey(pwd, this.#hmacSha1), remoteUfrag: null };
  }

  #answer(check: StunMessage, { key }: Generation, messageClass: StunClass, attributes: StunAttribute[], to: PeerAddress): void {
    const response = writeStun({ messageClass, method: bindingMethod, transactionId: check.transactionId, attributes });
    this.#out.send(addFingerprint(addIntegrity(response, key)), to.key);
  }
}

/** Both halves of the USERNAME (RFC 8445 7.2.2): our own ufrag says which agent a check is for. Null without such a name. */
export function ufragsOf(message: StunMessage): { readonly ours: string; readonly theirs: string } | null {
  const username = usernameOf(message);
  const colon = username.indexOf(':');
  return colon > 0 ? { ours: username.slice(0, colon), theirs: username.slice(colon + 1) } : null;
}

/** What an authentic check is refused with, or null. As lite agent towards a full one we are always controlled (RFC 8445 6.1.1). */
function refuse(check: StunMessage): { reason: CheckRefusal; attributes: StunAttribute[] } | null {
  const unknown = check.attributes.map(({ type }) => type).filter((type) => type < 0x8000 && !understood.has(type));
  if (unknown.length > 0) return { reason: 'attribute', attributes: [errorCode(420), unknownAttributes(unknown)] };
  if (attributeOf(check, stunAttribute.iceControlled)) return { reason: 'role', attributes: [errorCode(487)] };
  return null;
}

function usernameOf(message: StunMessage): string {
  const value = attributeOf(message, stunAttribute.username);
  return value ? Buffer.from(value.buffer, value.byteOffset, value.length).toString('latin1') : '';
}

/** USERNAME is "ours:theirs" (RFC 8445 7.2.2). */
function names(username: string, { ufrag, remoteUfrag }: Generation): boolean {
  return remoteUfrag === null ? username.startsWith(`${ufrag}:`) : username === `${ufrag}:${remoteUfrag}`;
}
