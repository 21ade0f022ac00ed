/** Messages to bytes. */

import type { SipMessage } from './message.ts';
import { decodeText, encodeText } from './text.ts';
import { printAnyUri } from './uri.ts';

/** The message as it goes onto the wire, with the Content-Length of its body. */
export function printMessage(message: SipMessage): Uint8Array {
  const { headers, body } = message;
  const length = String(body.length);
  if (headers.get('Content-Length') !== length || headers.getAll('Content-Length').length > 1) headers.set('Content-Length', length);
  return encodeText(`${startLine(message)}\r\n${headers.print()}\r\n`, body);
}

/** The bytes of a message as it stands, whatever it claims its length to be. */
export function printAsItStands(message: SipMessage): Uint8Array {
  return encodeText(`${startLine(message)}\r\n${message.headers.print()}\r\n`, message.body);
}

/** The value of one field of a message that was printed here, found without parsing; undefined if it has none. */
export function printedField(bytes: Uint8Array, name: string): string | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = view.indexOf(`\r\n${name}: `);
  const start = at + name.length + 4;
  const end = view.indexOf('\r\n', start);
  return at < 0 || end < 0 ? undefined : decodeText(bytes, start, end);
}

/** The first line, without its end. */
export function startLine(message: SipMessage): string {
  if (message.kind === 'response') return `SIP/2.0 ${message.status} ${message.reason}`;
  return `${message.method} ${printAnyUri(message.uri)} SIP/2.0`;
}
