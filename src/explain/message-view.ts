/** SIP messages of a trace, read again, with what their SDP says. What cannot be read is left out. */

import { parseAddress, type SocketAddress } from '../base/address.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { Codec, Direction, MediaDescription, SessionDescription } from '../sdp/description.ts';
import { parseDescription, words } from '../sdp/parse.ts';
import { attribute, attributes, readCodecs, readConnection, readDirection, readMilliseconds } from '../sdp/parse-audio.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { SipMessage } from '../sip/message/message.ts';
import { defaultLimits, findHeadEnd, parseHead } from '../sip/message/parse.ts';
import { SipError } from '../sip/message/sip-error.ts';
import type { SipUri } from '../sip/message/uri.ts';
import type { SipEntry } from '../trace/call-trace.ts';

export interface MessageView {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly side: CallSide;
  readonly direction: 'received' | 'sent';
  readonly remote: SocketAddress;
  readonly message: SipMessage;
  /** Of the body, in lower case; '' when there is none that can be read. */
  readonly contentType: string;
  /** The URI of its Contact; null when there is none that is a SIP URI. */
  readonly contact: SipUri | null;
  readonly sdp: AudioView | null;
}

/** What a description says about its audio. */
export interface AudioView {
  /** Of the c= line in force. */
  readonly host: string | null;
  /** 0: refused. */
  readonly port: number;
  /** Of the o= line. */
  readonly originHost: string;
  /** Of an a=rtcp that names one (RFC 3605). */
  readonly rtcpHost: string | null;
  readonly codecs: readonly Codec[];
  readonly direction: Direction;
  readonly ptimeMs: number | null;
  /** Addresses of its ICE candidates, host names included. */
  readonly candidates: readonly SocketAddress[];
}

/** Null for what is no SIP message. */
export function readMessage(entry: SipEntry & { readonly at: number }): MessageView | null {
  const { at, side, direction, remote } = entry;
  const message = parseSip(entry.text);
  if (!message) return null;
  const contentType = unlessMalformed(() => message.headers.contentType) ?? '';
  const sdp = contentType === 'application/sdp' ? readAudio(Buffer.from(message.body).toString('utf8')) : null;
  return { at, side, direction, remote, message, contentType, contact: unlessMalformed(() => contactOf(message)), sdp };
}

function contactOf({ headers }: SipMessage): SipUri | null {
  const { contacts } = headers;
  const uri = contacts === '*' ? undefined : contacts[0]?.uri;
  return typeof uri === 'object' ? uri : null;
}

function unlessMalformed<T>(read: () => T | null | undefined): T | null {
  try {
    return read() ?? null;
  } catch (error) {
    if (error instanceof SipError || error instanceof SdpError) return null;
    throw error;
  }
}

/** The body is all that follows the head: what was hidden in a trace may have changed its length. */
function parseSip(text: string): SipMessage | null {
  const bytes = Buffer.from(text);
  const end = findHeadEnd(bytes, 0);
  if (end < 0) return null;
  return unlessMalformed(() => {
    const message = parseHead(bytes, 0, end, defaultLimits.maxHeaders);
    message.body = bytes.subarray(end + 4);
    return message;
  });
}

/** Null for what is no SDP, or has no audio. */
function readAudio(text: string): AudioView | null {
  return unlessMalformed(() => {
    const description = parseDescription(text);
    const sections = description.media.filter(({ kind }) => kind === 'audio');
    const media = sections.find(({ port }) => port > 0) ?? sections[0];
    return media ? audioOf(media, description) : null;
  });
}

function audioOf(media: MediaDescription, { session }: SessionDescription): AudioView {
  const origin = session.lines.find(({ type }) => type === 'o')?.value ?? '';
  return {
    host: readConnection(media, session) ?? null,
    port: media.port,
    originHost: words(origin)[5] ?? '',
    rtcpHost: words(attribute(media, 'rtcp') ?? '')[3] ?? null,
    codecs: readCodecs(media),
    direction: readDirection(media, session),
    ptimeMs: readMilliseconds(media, 'ptime'),
    candidates: attributes(media, 'candidate').flatMap(candidateAddress),
  };
}

/** RFC 8839 section 5.1: foundation component transport priority address port typ ... */
function candidateAddress(value: string): SocketAddress[] {
  const [, , , , host = '', port = ''] = words(value);
  const address = parseAddress(host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);
  return address ? [address] : [];
}
