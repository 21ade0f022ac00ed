/** A SIP message as it passed a transport: copied cheaply when it passes, read and redacted only when somebody looks. */

import type { SocketAddress } from '../base/address.ts';
import { keepOctets, type Octets, readOctets } from '../base/octets.ts';
import { ownCopy } from '../base/own-copy.ts';
import type { CallSide } from '../events/gateway-events.ts';
import { hideKeys } from '../sdp/redact.ts';
import { findField } from '../sip/message/fields.ts';
import type { Flow, TransportName } from '../sip/message/flow.ts';
import type { Headers } from '../sip/message/headers.ts';
import { emptyBody, type SipMessage } from '../sip/message/message.ts';
import { parseMessage } from '../sip/message/parse.ts';
import { type MessageKey, methodOf, printAsItStands, printedDialog, startLine } from '../sip/message/print.ts';
import { redactMessage } from '../sip/message/redact.ts';
import { SipError } from '../sip/message/sip-error.ts';
import { decodeText, encodeText } from '../sip/message/text.ts';
import type { CallTrace, SipEntry } from './call-trace.ts';

export interface CapturedMessage {
  readonly kind: 'sip';
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly side: CallSide;
  readonly direction: 'received' | 'sent';
  readonly transport: TransportName;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly sipCallId: string;
  /** That of the CSeq, of responses too. */
  readonly method: string;
  /** A copy that pins no buffer of a socket. With credentials: whatever shows it, or a part of it, hides them. */
  readonly octets: Octets;
}

/** With the messages as they were captured. */
export type CapturedTrace = CallTrace<CapturedMessage>;

/** Null for what has no Call-ID or CSeq: no call is found for it. `octets`: what it was read from. */
export function captureReceived({ headers }: SipMessage, octets: Uint8Array, flow: Flow, at: number): CapturedMessage | null {
  return capture('received', octets, dialogOf(headers), flow, at);
}

export function captureSent(octets: Uint8Array, flow: Flow, at: number): CapturedMessage | null {
  return capture('sent', octets, printedDialog(octets), flow, at);
}

function dialogOf(headers: Headers): MessageKey | null {
  const callId = headers.get('Call-ID');
  const cseq = headers.get('CSeq');
  if (callId === undefined || cseq === undefined) return null;
  return { callId: ownCopy(callId), method: ownCopy(methodOf(cseq)) };
}

function capture(
  direction: CapturedMessage['direction'],
  bytes: Uint8Array,
  dialog: MessageKey | null,
  { transport, local, remote }: Flow,
  at: number,
): CapturedMessage | null {
  if (!dialog) return null;
  const side = transport === 'ws' || transport === 'wss' ? 'browser' : 'trunk';
  const { callId: sipCallId, method } = dialog;
  return { at, kind: 'sip', side, direction, transport, local, remote, sipCallId, method, octets: keepOctets(bytes) };
}

const statusLine = 'SIP/2.0 ';
const lineEnd = '\r\n';
const endOfHead = '\r\n\r\n';

/** An `x`. */
const hiddenOctet = 0x78;
const anySize = { maxBytes: Number.POSITIVE_INFINITY, maxHeaders: Number.POSITIVE_INFINITY };

/** The status of a response, null of a request: found without reading the rest. */
export function statusOf({ octets }: CapturedMessage): number | null {
  return octets.slice(0, statusLine.length).toUpperCase() === statusLine
    ? Number(octets.slice(statusLine.length, statusLine.length + 3))
    : null;
}

/** The first line of that header field, found without reading the rest; null when there is none. As it stands: not for those with credentials. */
export function fieldOf({ octets }: CapturedMessage, name: string): string | null {
  const value = findField(octets, name, octets.indexOf(lineEnd) + lineEnd.length, startOfBody(octets));
  return value === null ? null : textOf(value);
}

export function hasBody({ octets }: CapturedMessage): boolean {
  return startOfBody(octets) < octets.length;
}

/** The body as it was. */
export function bodyOf({ octets }: CapturedMessage): string {
  return textOf(octets.slice(startOfBody(octets)));
}

function startOfBody(octets: Octets): number {
  const at = octets.indexOf(endOfHead);
  return at < 0 ? octets.length : at + endOfHead.length;
}

function textOf(octets: Octets): string {
  return decodeText(readOctets(octets));
}

/** The message with its body as it was, and no credentials in its header. Null when it is malformed. */
export function readRedacted(captured: CapturedMessage): SipMessage | null {
  try {
    return redactMessage(parseMessage(readOctets(captured.octets), anySize));
  } catch (error) {
    if (error instanceof SipError) return null;
    throw error;
  }
}

/** Without credentials, keys and what people write. Null when it cannot be read well enough to tell what is secret in it. */
export function readShowable(captured: CapturedMessage): SipMessage | null {
  const message = readAsUnderstood(readOctets(captured.octets));
  if (!message) return null;
  const shown = redactMessage(message);
  if (message.body.length > 0) shown.body = showableBody(captured.method, message.body);
  return shown;
}

/** What people write to each other is not ours to keep; of a description only the keys are not. Lengths stay true. */
function showableBody(method: string, body: Uint8Array): Uint8Array {
  return method === 'MESSAGE' ? new Uint8Array(body.length).fill(hiddenOctet) : encodeText(hideKeys(decodeText(body)));
}

/** A request that was malformed is shown as far as it was understood. */
function readAsUnderstood(bytes: Uint8Array): SipMessage | null {
  try {
    return parseMessage(bytes, anySize);
  } catch (error) {
    if (error instanceof SipError) return error.partial ? { ...error.partial, body: emptyBody } : null;
    throw error;
  }
}

/** The message as it may be seen. */
export function showMessage(captured: CapturedMessage): { readonly at: number } & SipEntry {
  const { at, side, direction, transport, local, remote } = captured;
  const message = readShowable(captured);
  const firstLine = message ? startLine(message) : '(a message that cannot be read)';
  return {
    at,
    kind: 'sip',
    side,
    direction,
    transport,
    local,
    remote,
    firstLine,
    text: message ? decodeText(printAsItStands(message)) : '',
  };
}
