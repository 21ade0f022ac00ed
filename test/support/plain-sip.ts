/** Just enough SIP for a test peer. It shares nothing with the product, so that neither can hide the other's mistake. */

export interface UdpAddress {
  readonly host: string;
  readonly port: number;
}

export interface PlainMessage {
  /** Exactly what came out of the socket. */
  readonly raw: Buffer;
  readonly startLine: string;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly body: string;
  readonly from: UdpAddress;
  /** Milliseconds of the monotonic clock. */
  readonly atMs: number;
}

export function parsePlain(raw: Buffer, from: UdpAddress): PlainMessage {
  const text = raw.toString('latin1');
  const end = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = text.slice(0, end < 0 ? text.length : end).split('\r\n');
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { raw, startLine, headers, body: end < 0 ? '' : text.slice(end + 4), from, atMs: performance.now() };
}

export function headers(message: PlainMessage, name: string): string[] {
  return message.headers.filter(([key]) => key.toLowerCase() === name.toLowerCase()).map(([, value]) => value);
}

export function header(message: PlainMessage, name: string): string {
  return headers(message, name)[0] ?? '';
}

/** The method of a request, or of the CSeq of a response. */
export function method(message: PlainMessage): string {
  return header(message, 'CSeq').split(/\s+/)[1] ?? '';
}

export function cseq(message: PlainMessage): number {
  return Number.parseInt(header(message, 'CSeq'), 10);
}

/** The status of a response, 0 for a request. */
export function status(message: PlainMessage): number {
  return message.startLine.startsWith('SIP/2.0 ') ? Number(message.startLine.slice(8, 11)) : 0;
}

export function tag(value: string): string {
  return /;tag=([^;]+)/.exec(value)?.[1] ?? '';
}

/** The URI of a name-addr or addr-spec. */
export function uriOf(value: string): string {
  return /<([^>]+)>/.exec(value)?.[1] ?? value.split(';')[0] ?? '';
}

export function uriAddress(uri: string): UdpAddress {
  const match = /^sips?:(?:[^@]*@)?(\[[^\]]+\]|[^:;>]+)(?::(\d+))?/.exec(uri);
  return { host: match?.[1] ?? '', port: Number(match?.[2] ?? 5060) };
}

/** Where an SDP wants audio sent. */
export function mediaAddress(sdp: string): UdpAddress {
  const host = /^c=IN IP[46] (\S+)/m.exec(sdp)?.[1] ?? '';
  return { host, port: Number(/^m=audio (\d+)/m.exec(sdp)?.[1] ?? 0) };
}

export function print(startLine: string, fields: ReadonlyArray<readonly [string, string]>, body = ''): Buffer {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${startLine}\r\n${lines}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, 'latin1');
}
