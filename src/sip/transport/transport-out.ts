/** What a transport tells the layers above, and how a message gets there. */

import { errorText } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Flow } from '../message/flow.ts';
import type { SipMessage } from '../message/message.ts';
import { findHeadEnd, type ParseLimits, parseMessage, skipLineEnds } from '../message/parse.ts';
import { SipError } from '../message/sip-error.ts';
import type { Refusal } from './limits.ts';

export interface TransportOut {
  receive(message: SipMessage, flow: Flow): void;
  /** A message leaves over `flow`, for the first time or once more; `bytes` as they go onto the wire. */
  sent(bytes: Uint8Array, flow: Flow): void;
  /** What came is no SIP message; `error.partial` is what an answer needs, if that much could be read. */
  malformed(error: SipError, flow: Flow): void;
  /** Once for each connection, whoever ended it. UDP flows never close. */
  closed(flow: Flow): void;
  /** Somebody was not let in, or thrown out; at most one report of a kind in ten seconds. */
  refused(refusal: Refusal): void;
}

/** Hands one item up. A defect above ends the work on this message, not the process. */
export function deliver(item: SipMessage | SipError, flow: Flow, out: TransportOut, log: Log): void {
  try {
    if (item instanceof SipError) out.malformed(item, flow);
    else out.receive(item, flow);
  } catch (error) {
    log.error(
      { flow: flow.id, error: errorText(error), stack: error instanceof Error ? error.stack : undefined },
      'SIP message not handled',
    );
  }
}

/** Reads the one message that a datagram or WebSocket message holds. */
export function readWhole(bytes: Uint8Array, limits: ParseLimits): SipMessage | SipError {
  try {
    return parseMessage(bytes, limits);
  } catch (error) {
    if (error instanceof SipError) return error;
    throw error;
  }
}

/** RFC 7118 section 5: a WebSocket message carries one SIP message. Octets beyond Content-Length would be the next one. */
export function readAlone(bytes: Uint8Array, limits: ParseLimits): SipMessage | SipError {
  const message = readWhole(bytes, limits);
  if (message instanceof SipError) return message;
  const headEnd = findHeadEnd(bytes, skipLineEnds(bytes, 0));
  // Without the empty line after the header fields there is no body, and nothing beyond it.
  if (headEnd < 0 || skipLineEnds(bytes, headEnd + 4 + message.body.length) >= bytes.length) return message;
  return new SipError(400, 'more than one message in a WebSocket message', message.kind === 'request' ? { partial: message } : {});
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
