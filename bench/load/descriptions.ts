/** The session descriptions of both ends of a benchmark's call. */

import type { SocketAddress } from '../../src/base/address.ts';

export interface BrowserEnd {
  readonly address: SocketAddress;
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of its certificate. */
  readonly fingerprint: string;
}

/** An offer as Chromium makes it. */
export function browserOffer({ address, ufrag, pwd, fingerprint }: BrowserEnd): string {
  return lines([
    'v=0',
    'o=- 5862071924163127305 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'a=extmap-allow-mixed',
    'a=msid-semantic: WMS a6e9cc22-7953-483e-b489-1cfb1e0d6bac',
    `m=audio ${address.port} UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126`,
    `c=IN IP4 ${address.host}`,
    'a=rtcp:9 IN IP4 0.0.0.0',
    `a=candidate:1448653811 1 udp 2122260223 ${address.host} ${address.port} typ host generation 0 network-id 1`,
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${pwd}`,
    'a=ice-options:trickle',
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:actpass',
    'a=mid:0',
    'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
    'a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
    'a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
    'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid',
    'a=sendrecv',
    'a=msid:a6e9cc22-7953-483e-b489-1cfb1e0d6bac bc676007-32fb-4313-b009-d49c5b95ace6',
    'a=rtcp-mux',
    'a=rtcp-rsize',
    'a=rtpmap:111 opus/48000/2',
    'a=rtcp-fb:111 transport-cc',
    'a=fmtp:111 minptime=10;useinbandfec=1',
    'a=rtpmap:63 red/48000/2',
    'a=fmtp:63 111/111',
    'a=rtpmap:9 G722/8000',
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:8 PCMA/8000',
    'a=rtpmap:13 CN/8000',
    'a=rtpmap:110 telephone-event/48000',
    'a=rtpmap:126 telephone-event/8000',
    'a=ssrc:1792596115 cname:5JVtTfIJeZJsSGlv',
    'a=ssrc:1792596115 msid:a6e9cc22-7953-483e-b489-1cfb1e0d6bac bc676007-32fb-4313-b009-d49c5b95ace6',
  ]);
}

/** A carrier's answer: PCMU and digits. */
export function trunkAnswer({ host, port }: SocketAddress): string {
  return lines([
    'v=0',
    `o=carrier 2000 1 IN IP4 ${host}`,
    's=-',
    `c=IN IP4 ${host}`,
    't=0 0',
    `m=audio ${port} RTP/AVP 0 101`,
    'a=rtpmap:0 PCMU/8000',
    'a=rtpmap:101 telephone-event/8000',
    'a=fmtp:101 0-15',
    'a=ptime:20',
    'a=sendrecv',
  ]);
}

function lines(content: readonly string[]): string {
  return `${content.join('\r\n')}\r\n`;
}
