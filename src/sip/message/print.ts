/** Messages to bytes. */

import type { SipMessage } from './message.ts';
import { decodeText, encodeText } from './text.ts';
import { printAnyUri } from './uri.ts';

/** The message as it goes onto the wire, with the Content-Length of its body. */
export function printMessage(message: SipMessage): Uint8Array {
  message.headers.set('Content-Length', String(message.body.length));
  return printAsItStands(message);
}

/** The bytes of a message as it stands, whatever it claims its length to be. */
export function printAsItStands(message: SipMessage): Uint8Array {
  return encodeText(`${startLine(message)}\r\n${message.headers.print()}\r\n`, message.body);
}

/** By which the call of a message is found. */
export interface MessageKey {
  readonly callId: string;
  /** That of the CSeq. */
  readonly method: string;
}

/** That of a message that was printed here, found without parsing; null if one of both is not there. */
export function printedDialog(bytes: Uint8Array): MessageKey | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const callId = printedField(view, 'Call-ID');
  const cseq = printedField(view, 'CSeq');
  return callId === null || cseq === null ? null : { callId, method: methodOf(cseq) };
}

/** Of a CSeq as it stands, malformed perhaps. */
export function methodOf(cseq: string): string {
  return cseq.slice(cseq.lastIndexOf(' ') + 1);
}

function printedField(bytes: Buffer, name: string): string | null {
  const at = bytes.indexOf(`\r\n${name}: `);
  const start = at + name.length + 4;
  const end = bytes.indexOf('\r\n', start);
  return at < 0 || end < 0 ? null : decodeText(bytes, start, end);
}

/** The first line, without its end. */
export function startLine(message: SipMessage): string {
  if (message.kind === 'response') return `SIP/2.0 ${message.status} ${message.reason}`;
  return `${message.method} ${printAnyUri(message.uri)} SIP/2.0`;
}
