/**
 * What a trunk may see of a call: an allow-list, held against the bytes that it received. Each function returns complaints;
 * an empty list means clean.
 */

import { headers, method, type PlainMessage, status } from './plain-sip.ts';
import { payloadType, type ReceivedPacket } from './rtp-voice.ts';
import type { TrunkCall } from './trunk-call.ts';

const everywhere = ['Via', 'From', 'To', 'Call-ID', 'CSeq', 'Content-Length'];
const allowedHeaders = new Set(
  [
    ...everywhere,
    ...[
      'Contact',
      'Max-Forwards',
      'Allow',
      'Supported',
      'Accept',
      'User-Agent',
      'Server',
      'Content-Type',
      'Reason',
      'Route',
      'Record-Route',
    ],
    ...['Session-Expires', 'Min-SE', 'Require', 'Proxy-Authorization', 'Authorization', 'Expires', 'Retry-After', 'Unsupported'],
  ].map((name) => name.toLowerCase()),
);
const allowedLines = /^[vosctma]=/;
const allowedAttributes = new Set(['rtpmap', 'fmtp', 'ptime', 'maxptime', 'sendrecv', 'sendonly', 'recvonly', 'inactive', 'rtcp']);
const traces = /\.invalid|transport=wss?|SIP\/2\.0\/WSS?|jssip|sip\.js|chrom(e|ium)|firefox|mozilla|\.local\b|webrtc/i;

/** A request over this size needs TCP or fragments (RFC 3261 18.1.1). */
const largestMessage = 1300;
const largestSdp = 900;

/** Everything that reached the trunk in a call: signalling, descriptions, media and its reports. */
export function callComplaints({ received, formats, rtp }: TrunkCall): string[] {
  return [...received.flatMap(sipComplaints), ...rtpComplaints(rtp.packets, [...formats.keys()]), ...rtcpComplaints(rtp.rtcp, rtp.packets)];
}

export function sipComplaints(message: PlainMessage): string[] {
  const name = `${status(message) || ''} ${method(message)}`.trim();
  const complaints: string[] = [];
  for (const [key] of message.headers) {
    if (!allowedHeaders.has(key.toLowerCase())) complaints.push(`${name}: header ${key}`);
  }
  for (const key of everywhere) {
    if (headers(message, key).length === 0) complaints.push(`${name}: no ${key}`);
  }
  const trace = traces.exec(message.raw.toString('latin1'));
  if (trace) complaints.push(`${name}: trace of the browser: ${trace[0]}`);
  if (status(message) === 0 && headers(message, 'Via').length !== 1) complaints.push(`${name}: more than one Via`);
  if (message.raw.length > largestMessage) complaints.push(`${name}: ${message.raw.length} bytes`);
  const length = Number(headers(message, 'Content-Length')[0]);
  if (length !== Buffer.byteLength(message.body, 'latin1')) complaints.push(`${name}: Content-Length ${length}`);
  return message.body.startsWith('v=0') ? [...complaints, ...sdpComplaints(message.body).map((text) => `${name}: ${text}`)] : complaints;
}

export function sdpComplaints(sdp: string): string[] {
  const complaints: string[] = [];
  const lines = sdp.split('\r\n');
  if (lines.pop() !== '') complaints.push('SDP does not end with CRLF');
  for (const line of lines) {
    if (!allowedLines.test(line)) complaints.push(`SDP line ${line}`);
    const attribute = /^a=([^:]*)/.exec(line)?.[1];
    if (attribute !== undefined && !allowedAttributes.has(attribute)) complaints.push(`SDP attribute ${line}`);
  }
  const media = lines.filter((line) => line.startsWith('m='));
  if (media.length !== 1 || !/^m=audio \d+ RTP\/AVP( \d+)+$/.test(media[0] ?? '')) complaints.push(`SDP media ${media.join(' | ')}`);
  if (!/^c=IN IP[46] [0-9a-f.:]+$/m.test(sdp.replaceAll('\r', ''))) complaints.push('SDP has no c= line with an address');
  if (sdp.length > largestSdp) complaints.push(`SDP of ${sdp.length} bytes`);
  return complaints;
}

/** Plain RTP: no extension, padding or CSRC, one SSRC, a sequence without holes, timestamps that never go back. */
export function rtpComplaints(packets: readonly ReceivedPacket[], allowedTypes: readonly number[] = [0, 8, 101]): string[] {
  const complaints = new Set<string>();
  let previous: Buffer | undefined;
  for (const { bytes } of packets) {
    if (bytes[0] !== 0x80) complaints.add(`first byte 0x${bytes[0]?.toString(16)}`);
    if (!allowedTypes.includes(payloadType(bytes))) complaints.add(`payload type ${payloadType(bytes)}`);
    if (previous) for (const text of stepComplaints(previous, bytes)) complaints.add(text);
    previous = bytes;
  }
  return [...complaints];
}

/** Compound packets (RFC 3550 6.1) of the same source as the RTP. */
function rtcpComplaints(compounds: readonly ReceivedPacket[], [media]: readonly ReceivedPacket[]): string[] {
  return compounds.flatMap(({ bytes }) => {
    const ssrc = bytes.readUInt32BE(4);
    const isReport = (bytes[0] ?? 0) >> 6 === 2 && (bytes[1] === 200 || bytes[1] === 201);
    return [
      ...(isReport ? [] : [`RTCP begins with type ${bytes[1]}`]),
      ...(media && media.bytes.readUInt32BE(8) !== ssrc ? [`RTCP of another SSRC ${ssrc}`] : []),
    ];
  });
}

function stepComplaints(previous: Buffer, next: Buffer): string[] {
  const complaints: string[] = [];
  if (next.readUInt32BE(8) !== previous.readUInt32BE(8)) complaints.push('SSRC changed');
  const steps = (next.readUInt16BE(2) - previous.readUInt16BE(2)) & 0xffff;
  if (steps !== 1) complaints.push(`sequence went on by ${steps}`);
  const ticks = (next.readUInt32BE(4) - previous.readUInt32BE(4)) | 0;
  if (ticks < 0) complaints.push(`timestamp went on by ${ticks}`);
  return complaints;
}
