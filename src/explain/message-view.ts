/** SIP messages of a trace, read again, with what their SDP says. */

import { parseAddress, type SocketAddress } from '../base/address.ts';
import type { CallSide } from '../events/gateway-events.ts';
import type { Codec, Direction, MediaDescription, SessionDescription } from '../sdp/description.ts';
import { parseDescription, words } from '../sdp/parse.ts';
import { attribute, attributes, readCodecs, readConnection, readDirection, readMilliseconds } from '../sdp/parse-audio.ts';
import { SdpError } from '../sdp/sdp-error.ts';
import { Headers } from '../sip/message/headers.ts';
import type { SipMessage } from '../sip/message/message.ts';
import { SipError } from '../sip/message/sip-error.ts';
import type { SipUri } from '../sip/message/uri.ts';
import type { Via } from '../sip/message/via.ts';
import { bodyOf, type CapturedMessage, fieldOf, hasBody, readRedacted, statusOf } from '../trace/captured-message.ts';

/** What is known without reading the message is all that most rules ask for: the rest is read when one does, and once. */
export class MessageView {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly side: CallSide;
  readonly direction: 'received' | 'sent';
  readonly remote: SocketAddress;
  readonly callId: string;
  /** That of the CSeq, of responses too. */
  readonly method: string;
  /** Null: it is a request. */
  readonly status: number | null;
  readonly #captured: CapturedMessage;
  #message: SipMessage | null | undefined;
  #topVia: Via | null | undefined;
  #contact: SipUri | null | undefined;
  #sdp: AudioView | null | undefined;

  constructor(captured: CapturedMessage) {
    this.at = captured.at;
    this.side = captured.side;
    this.direction = captured.direction;
    this.remote = captured.remote;
    this.callId = captured.sipCallId;
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

  /** The first line of that header field; null when there is none. Not for those with credentials. */
  field(name: string): string | null {
    return fieldOf(this.#captured, name);
  }

  /** Whether both are of one request: itself, its answers, its repetitions. */
  isOfSameRequest(other: MessageView): boolean {
    const [one, two] = [this.headers, other.headers];
    return one !== null && one.callId === two?.callId && one.cseq.number === two.cseq.number && one.cseq.method === two.cseq.method;
  }

  /** Null when it is malformed. */
  get topVia(): Via | null {
    if (this.#topVia === undefined) this.#topVia = unlessMalformed(() => this.#alone('Via').topVia);
    return this.#topVia;
  }

  /** Of the body, in lower case; '' when there is none. */
  get contentType(): string {
    return this.#alone('Content-Type').contentType ?? '';
  }

  /** The URI of its Contact; null when there is none that is a SIP URI. */
  get contact(): SipUri | null {
    if (this.#contact === undefined) this.#contact = unlessMalformed(() => contactOf(this.#alone('Contact')));
    return this.#contact;
  }

  /** Whether its body is SDP, well-formed or not. */
  get hasDescription(): boolean {
    return hasBody(this.#captured) && this.contentType === 'application/sdp';
  }

  get sdp(): AudioView | null {
    if (this.#sdp === undefined) this.#sdp = this.hasDescription ? readAudio(bodyOf(this.#captured)) : null;
    return this.#sdp;
  }

  /** One field as a header of its own: reading all the others is what takes time. */
  #alone(name: string): Headers {
    const value = this.field(name);
    return new Headers(value === null ? [] : [[name, value]]);
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
function readAudio(body: string): AudioView | null {
  return unlessMalformed(() => {
    const description = parseDescription(body);
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
