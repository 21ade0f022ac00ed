/** SIP messages of a trace, read again, with what their SDP says. */

import { parseAddress, type SocketAddress } from '../base/address.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { Codec, Direction, MediaDescription, SessionDescription } from '../sdp/description.ts';
import { parseDescription, words } from '../sdp/parse.ts';
import { attribute, attributes, readCodecs, readConnection, readDirection, readMilliseconds } from '../sdp/parse-audio.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import type { Headers } from '../sip/message/headers.ts';
import { emptyBody, type SipMessage } from '../sip/message/message.ts';
import { SipError } from '../sip/message/sip-error.ts';
import { decodeText } from '../sip/message/text.ts';
import type { SipUri } from '../sip/message/uri.ts';
import { type CapturedMessage, readRedacted, statusOf } from '../trace/captured-message.ts';

/** What is known without reading the message is all that most rules ask for: the rest is read when one does, and once. */
export class MessageView {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly side: CallSide;
  readonly direction: 'received' | 'sent';
  readonly remote: SocketAddress;
  /** That of the CSeq, of responses too. */
  readonly method: string;
  /** Null: it is a request. */
  readonly status: number | null;
  readonly #captured: CapturedMessage;
  #message: SipMessage | null | undefined;
  #sdp: AudioView | null | undefined;

  constructor(captured: CapturedMessage) {
    this.at = captured.at;
    this.side = captured.side;
    this.direction = captured.direction;
    this.remote = captured.remote;
    this.method = captured.method;
    this.status = statusOf(captured);
    this.#captured = captured;
  }

  isRequest(method: string): boolean {
    return this.status === null && this.method === method;
  }

  /** Without credentials; null when it is malformed. */
  get message(): SipMessage | null {
    if (this.#message === undefined) this.#message = readRedacted(this.#captured);
    return this.#message;
  }

  get headers(): Headers | null {
    return this.message?.headers ?? null;
  }

  /** Whether both are of one request: itself, its answers, its repetitions. */
  isOfSameRequest(other: MessageView): boolean {
    const [one, two] = [this.headers, other.headers];
    return one !== null && one.callId === two?.callId && one.cseq.number === two.cseq.number && one.cseq.method === two.cseq.method;
  }

  /** Of the body, in lower case; '' when there is none that can be read. */
  get contentType(): string {
    return unlessMalformed(() => this.headers?.contentType) ?? '';
  }

  /** The URI of its Contact; null when there is none that is a SIP URI. */
  get contact(): SipUri | null {
    return unlessMalformed(() => this.headers && contactOf(this.headers));
  }

  get sdp(): AudioView | null {
    if (this.#sdp === undefined) this.#sdp = this.contentType === 'application/sdp' ? readAudio(this.message?.body) : null;
    return this.#sdp;
  }
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

function contactOf(headers: Headers): SipUri | null {
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

/** Null for what is no SDP, or has no audio. */
function readAudio(body: Uint8Array = emptyBody): AudioView | null {
  return unlessMalformed(() => {
    const description = parseDescription(decodeText(body));
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
