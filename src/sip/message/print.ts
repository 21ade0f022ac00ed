/** Messages to bytes. */

import type { SipMessage } from './message.ts';
import { encodeText } from './text.ts';
import { printAnyUri } from './uri.ts';

/** The message as it goes onto the wire, with the Content-Length of its body. */
export function printMessage(message: SipMessage): Uint8Array {
  const { headers, body } = message;
  const length = String(body.length);
  if (headers.get('Content-Length') !== length || headers.getAll('Content-Length').length > 1) headers.set('Content-Length', length);
  return encodeText(`${startLine(message)}\r\n${headers.print()}\r\n`, body);
}

function startLine(message: SipMessage): string {
  if (message.kind === 'response') return `SIP/2.0 ${message.status} ${message.reason}`;
  return `${message.method} ${printAnyUri(message.uri)} SIP/2.0`;
}
