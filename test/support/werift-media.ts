/** The media of a browser phone on werift, a WebRTC stack of its own: ICE, DTLS and SRTP that share nothing with the product. */

import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, type RTCRtpTransceiver } from 'werift';
import { RtpVoice } from './rtp-voice.ts';
import { until } from './until.ts';

/** What Chromium calls telephone-event/8000: not the number that trunks use. */
const telephoneEvent = 126;

const codecs = [
  new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8000, channels: 1, payloadType: 0 }),
  new RTCRtpCodecParameters({ mimeType: 'audio/PCMA', clockRate: 8000, channels: 1, payloadType: 8 }),
  new RTCRtpCodecParameters({ mimeType: 'audio/telephone-event', clockRate: 8000, channels: 1, payloadType: telephoneEvent }),
];

const loopback = '127.0.0.1';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export class WeriftMedia extends RtpVoice {
  readonly #connection: RTCPeerConnection;
  readonly #transceiver: RTCRtpTransceiver;

  constructor() {
    const track = new MediaStreamTrack({ kind: 'audio' });
    super((packet) => track.writeRtp(packet), { telephoneEvent });
    this.#connection = new RTCPeerConnection({
      codecs: { audio: codecs },
      iceServers: [],
      iceUseIpv6: false,
      iceAdditionalHostAddresses: [loopback],
      iceFilterCandidatePair: ({ localCandidate }) => localCandidate.host === loopback,
    });
    this.#transceiver = this.#connection.addTransceiver(track, { direction: 'sendrecv' });
    this.#connection.onTrack.subscribe((received) => {
      received.onReceiveRtp.subscribe((packet) => this.receive(packet.serialize(), { host: '', port: 0 }));
    });
  }

  get state(): string {
    return this.#connection.connectionState;
  }

  async connected(): Promise<void> {
    await until('ICE and DTLS', () => this.state === 'connected', 20_000);
  }

  async offer(direction: Direction = 'sendrecv'): Promise<string> {
    this.#transceiver.setDirection(direction);
    await this.#connection.setLocalDescription(await this.#connection.createOffer());
    return this.#local;
  }

  /** The answer to our last offer. */
  async accept(answer: string): Promise<void> {
    await this.#connection.setRemoteDescription({ type: 'answer', sdp: answer });
  }

  /** Our answer to an offer. */
  async answer(offer: string): Promise<string> {
    await this.#connection.setRemoteDescription({ type: 'offer', sdp: offer });
    await this.#connection.setLocalDescription(await this.#connection.createAnswer());
    return this.#local;
  }

  async close(): Promise<void> {
    this.stop();
    await this.#connection.close();
  }

  get #local(): string {
    return this.#connection.localDescription?.sdp ?? '';
  }
}
