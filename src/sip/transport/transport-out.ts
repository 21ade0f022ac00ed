/** What a transport tells the layers above, and how a message gets there. */

import { errorText } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import type { SipMessage } from '../message/message.ts';
import { type ParseLimits, type Reading, readMessage, skipLineEnds } from '../message/parse.ts';
import { SipError } from '../message/sip-error.ts';
import type { Refusal } from './limits.ts';

export interface TransportOut {
  /** `octets`: what it was read from. */
  receive(message: SipMessage, flow: Flow, octets: Uint8Array): void;
  /** A message leaves over `flow`, for the first time or once more; `bytes` as they go onto the wire. */
  sent(bytes: Uint8Array, flow: Flow): void;
  /** What came is no SIP message; `error.partial` is what an answer needs, if that much could be read. */
  malformed(error: SipError, flow: Flow, octets: Uint8Array): void;
  /** Once for each connection, whoever ended it. UDP flows never close. */
  closed(flow: Flow): void;
  /** Somebody was not let in, or thrown out; at most one report of a kind in ten seconds. */
  refused(refusal: Refusal): void;
}

/** Hands one message up. A defect above ends the work on this message, not the process. */
export function deliver({ message, octets }: Reading, flow: Flow, out: TransportOut, log: Log): void {
  try {
    if (message instanceof SipError) out.malformed(message, flow, octets);
    else out.receive(message, flow, octets);
  } catch (error) {
    log.error(
      { flow: flow.id, error: errorText(error), stack: error instanceof Error ? error.stack : undefined },
      'SIP message not handled',
    );
  }
}

/** Reads the one message that a datagram or WebSocket message holds. */
export function readWhole(bytes: Uint8Array, limits: ParseLimits): Reading {
  try {
    return readMessage(bytes, limits);
  } catch (error) {
    if (error instanceof SipError) return { message: error, octets: bytes };
    throw error;
  }
}

/** RFC 7118 section 5: a WebSocket message carries one SIP message. Octets beyond Content-Length would be the next one. */
export function readAlone(bytes: Uint8Array, limits: ParseLimits): Reading {
  const reading = readWhole(bytes, limits);
  const { message, octets } = reading;
  const end = octets.byteOffset - bytes.byteOffset + octets.length;
  if (message instanceof SipError || skipLineEnds(bytes, end) >= bytes.length) return reading;
  const partial = message.kind === 'request' ? { partial: message } : {};
  return { message: new SipError(400, 'more than one message in a WebSocket message', partial), octets };
}

const cr = 0x0d;
const lf = 0x0a;

/** `ping` is the double CRLF, `pong` the single one (RFC 5626 section 3.5.1); undefined: anything else. */
export function keepAliveOf(bytes: Uint8Array): 'ping' | 'pong' | undefined {
  if (bytes.length !== 2 && bytes.length !== 4) return undefined;
  for (let at = 0; at < bytes.length; at += 2) if (bytes[at] !== cr || bytes[at + 1] !== lf) return undefined;
  return bytes.length === 4 ? 'ping' : 'pong';
}

export const pong: Uint8Array = Uint8Array.of(cr, lf);

/** IPv4 as it is, also where an IPv6 socket shows it mapped (RFC 4291 section 2.5.5.2). */
export function plainHost(host: string): string {
  return host.startsWith('::ffff:') && host.includes('.') ? host.slice(7) : host;
}
