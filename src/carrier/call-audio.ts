/** The offer/answer side of a call's audio: what is agreed goes to the media line at once. */

import { offerableCodecs } from '../sdp/codecs.ts';
import type { RemoteAudio } from '../sdp/description.ts';
import { TrunkNegotiation } from '../sdp/trunk-negotiation.ts';
import type { MediaLine } from './media-line.ts';

const codecNames = ['PCMU', 'PCMA'];
const codecs = offerableCodecs(codecNames);

export class CallAudio {
  readonly line: MediaLine;
  readonly #negotiation: TrunkNegotiation;

  /** `sessionId`: digits, for o=. */
  constructor(line: MediaLine, sessionId: string) {
    this.line = line;
    this.#negotiation = new TrunkNegotiation({ rtp: line.local, sessionId }, { codecs: codecNames });
  }

  /** Whether both sides know what to send and where. */
  get isAgreed(): boolean {
    return this.#negotiation.agreed !== null;
  }

  /** What we said last. */
  get description(): string | null {
    return this.#negotiation.localDescription;
  }

  /** Our answer to an offer. Throws SdpError; then all is as before. */
  answer(offer: string): string {
    const remote = this.#negotiation.receiveOffer(offer);
    try {
      const answer = this.#negotiation.createAnswer(codecs, 'sendrecv');
      this.#connect(remote);
      return answer;
    } catch (error) {
      this.#negotiation.rejectOffer();
      throw error;
    }
  }

  offer(): string {
    return this.#negotiation.createOffer(codecs, 'sendrecv');
  }

  /** The peer's answer to our offer; one that nobody waits for is passed over. Throws SdpError. */
  accept(answer: string): void {
    if (this.#negotiation.state === 'local-offer') this.#connect(this.#negotiation.receiveAnswer(answer));
  }

  #connect({ rtp }: RemoteAudio): void {
    const { agreed } = this.#negotiation;
    if (agreed) this.line.configure(rtp, agreed);
  }
}
