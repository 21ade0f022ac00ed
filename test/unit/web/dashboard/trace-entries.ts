/** Entries of a call's trace, as the API gives them. */

import type { TraceEntry } from '../../../../src/api/resources/traces.ts';

export type SipEntry = Extract<TraceEntry, { kind: 'sip' }>;

interface Message {
  readonly at?: number;
  readonly cseq?: string;
  readonly sdp?: string;
}

export function received(side: SipEntry['side'], firstLine: string, message: Message = {}): SipEntry {
  return entry(side, 'received', firstLine, message);
}

export function sent(side: SipEntry['side'], firstLine: string, message: Message = {}): SipEntry {
  return entry(side, 'sent', firstLine, message);
}

export function milestone(what: string, detail = '', at = 0): TraceEntry {
  return { at, kind: 'milestone', milestone: { side: 'browser', at, what, remote: { host: '2001:db8::1', port: 9 }, detail } };
}

function entry(side: SipEntry['side'], direction: SipEntry['direction'], firstLine: string, { at = 0, cseq, sdp }: Message): SipEntry {
  const method = firstLine.slice(0, firstLine.indexOf(' '));
  const head = [firstLine, `CSeq: ${cseq ?? `1 ${method}`}`, ...(sdp === undefined ? [] : ['c: application/sdp'])];
  const text = `${head.join('\r\n')}\r\n\r\n${sdp ?? ''}`;
  const address = { host: '127.0.0.1', port: 5060 };
  return { at, kind: 'sip', side, direction, transport: 'udp', local: address, remote: address, firstLine, text };
}
