/** Via (RFC 3261 section 20.42) with the response parameters of RFC 3581. */

import { formatHost } from '../../base/address.ts';
import { codesOf, type Params, parseParams, printParams, Scanner } from './scanner.ts';
import { parseHostPort } from './uri.ts';

export interface Via {
  /** Upper case: `SIP/2.0`, or that of another protocol or version. */
  readonly protocol: string;
  /** Upper case: `UDP`, `TCP`, `WS`, `WSS`, or whatever else it says. */
  readonly transport: string;
  /** As received, IPv6 without brackets. */
  readonly host: string;
  readonly port: number | null;
  readonly params: Params;
}

/** Throws SipError 400. */
export function parseVia(text: string): Via {
  const scanner = new Scanner(text);
  scanner.skipSpace();
  const name = scanner.token().toUpperCase();
  scanner.expect('/');
  const protocol = `${name}/${scanner.token().toUpperCase()}`;
  scanner.expect('/');
  const transport = scanner.token().toUpperCase();
  scanner.skipSpace();
  const { host, port } = readSentBy(scanner);
  const params = parseParams(scanner);
  scanner.end();
  return { protocol, transport, host, port, params };
}

export function printVia(via: Via): string {
  const port = via.port === null ? '' : `:${via.port}`;
  return `${via.protocol}/${via.transport} ${formatHost(via.host)}${port}${printParams(via.params)}`;
}

const sentByEnds = codesOf(';,');

/** `host [ COLON port ]`, where COLON may have space around it. */
function readSentBy(scanner: Scanner): { host: string; port: number | null } {
  let text = scanner.word(sentByEnds);
  scanner.skipSpace();
  if (scanner.code === 0x3a || text.endsWith(':')) {
    scanner.take(':');
    text = `${text.endsWith(':') ? text : `${text}:`}${scanner.word(sentByEnds)}`;
  }
  return parseHostPort(text) ?? scanner.fail('malformed sent-by');
}
