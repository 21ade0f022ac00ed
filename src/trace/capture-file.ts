/** A trace as a capture file: its SIP messages as packets, everything else as comments on them. */

import { formatAddress, type SocketAddress } from '../base/address.ts';
import { encodeText } from '../sip/message/text.ts';
import type { CallTrace, SipEntry, TraceEntry } from './call-trace.ts';
import { maxIpPayload, tcpPacket, udpPacket } from './ip-packet.ts';
import { type CapturedPacket, writePcapng } from './pcapng.ts';

/** What happened between the messages stands at the next one, and what came after the last one at that. */
export function writeCaptureFile(trace: CallTrace): Uint8Array<ArrayBuffer> {
  const sequences = new Sequences();
  const packets: CapturedPacket[] = [];
  let remarks: string[] = [];
  for (const entry of trace.entries) {
    if (entry.kind !== 'sip') {
      remarks.push(remark(entry));
      continue;
    }
    packets.push(...packetsOf(entry, remarks, sequences));
    remarks = [];
  }
  const last = packets.pop();
  if (last) packets.push({ ...last, comments: [...last.comments, ...remarks] });
  const { callId, parties } = trace;
  return writePcapng(packets, `offhook call ${callId}: ${parties.user ?? 'a browser'}, ${parties.number}, ${parties.trunk}`);
}

function packetsOf(entry: { readonly at: number } & SipEntry, remarks: readonly string[], sequences: Sequences): CapturedPacket[] {
  const { at, direction, transport, text } = entry;
  const payload = encodeText(text);
  const isWebSocket = transport === 'ws' || transport === 'wss';
  const local = isWebSocket ? { ...entry.local, port: sipPort } : entry.local;
  const [source, destination] = direction === 'sent' ? [local, entry.remote] : [entry.remote, local];
  const comments = isWebSocket ? [`SIP over WebSocket (${transport}) at ${formatAddress(entry.local)}, shown as UDP`, ...remarks] : remarks;
  const bytes = transport === 'tcp' ? segments(source, destination, payload, sequences) : [datagram(source, destination, payload)];
  return bytes.map((packet, index) => ({ at, direction, bytes: packet, comments: index === 0 ? comments : [] }));
}

/** Programs know SIP by it, while the port of a web server says something else to them. */
const sipPort = 5060;

/** The end of a WebSocket message that no datagram could hold is cut off. */
function datagram(source: SocketAddress, destination: SocketAddress, payload: Uint8Array): Uint8Array {
  return udpPacket({ source, destination, payload: payload.subarray(0, maxIpPayload) });
}

function segments(source: SocketAddress, destination: SocketAddress, payload: Uint8Array, sequences: Sequences): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += maxIpPayload) {
    const part = payload.subarray(at, at + maxIpPayload);
    const [sequence, acknowledged] = sequences.advance(source, destination, part.length);
    packets.push(tcpPacket({ source, destination, payload: part }, sequence, acknowledged));
  }
  return packets;
}

/** How far each direction of each connection has come. */
class Sequences {
  readonly #next = new Map<string, number>();

  advance(source: SocketAddress, destination: SocketAddress, length: number): [sequence: number, acknowledged: number] {
    const there = `${formatAddress(source)} ${formatAddress(destination)}`;
    const back = `${formatAddress(destination)} ${formatAddress(source)}`;
    const sequence = this.#next.get(there) ?? 1;
    this.#next.set(there, (sequence + length) >>> 0);
    return [sequence, this.#next.get(back) ?? 1];
  }
}

function remark(entry: Exclude<TraceEntry, { kind: 'sip' }>): string {
  const time = new Date(entry.at).toISOString();
  if (entry.kind === 'call') return `${time} call ${entry.what} ${entry.detail}`.trimEnd();
  if (entry.kind === 'media') return `${time} ${entry.side} media ${entry.codec ?? 'no codec'} ${entry.direction}`;
  const { side, what, remote, detail } = entry.milestone;
  return `${time} ${side} ${what} ${remote ? formatAddress(remote) : ''} ${detail}`.trimEnd();
}
