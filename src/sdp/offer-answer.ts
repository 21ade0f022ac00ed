/**
 * The offer/answer machine (RFC 3264) that both legs share: states, m= lines, payload numbers, directions, the version in o=.
 * A leg adds how it reads its peer's audio section and how it writes its own.
 */

import { isIpv6 } from '../base/address.ts';
import { InvariantError, invariant } from '../base/errors.ts';
import { ownCopy } from '../base/own-copy.ts';
import { agreedByPeer, agreedByUs, answerCodecs, type LocalAudio } from './agreement.ts';
import { eventsFor, PayloadNumbers, passable } from './codecs.ts';
import type { AgreedAudio, Codec, Direction, MediaDescription, RemoteAudio, RemoteOffer, SessionDescription } from './description.ts';
import { intersect, reverse } from './direction.ts';
import type { Negotiation, NegotiationState } from './negotiate.ts';
import { ownAudio } from './own-audio.ts';
import { parseDescription } from './parse.ts';
import { attribute, hasAttribute, readBundle, readCodecs } from './parse-audio.ts';
import { printLines } from './print.ts';
import { SdpError } from './sdp-error.ts';

/** One m= line of the session. Its place, kind and mid stay for the life of the session (RFC 3264 section 8). */
export interface Slot {
  readonly kind: string;
  readonly protocol: string;
  /** The first format of a refused m= line, which has to name one. */
  readonly format: string;
  readonly mid: string | undefined;
  /** Whether this is the audio that we carry; every other slot is refused. */
  readonly accepted: boolean;
}

/** The structure around the audio. */
export interface Frame {
  readonly slots: readonly Slot[];
  /** Whether the audio is in a BUNDLE group. */
  readonly bundled: boolean;
}

/** A peer's description, read. */
interface Remote extends Frame {
  readonly audio: RemoteAudio;
}

export interface OfferAnswerOptions {
  /** Digits, for o= (below 2^63). */
  readonly sessionId: string;
  /** The address in o=. */
  readonly host: string;
  /** The transport profiles of an m=audio line that the leg can carry. */
  readonly profiles: readonly string[];
  /** What an offer of ours begins with. */
  readonly frame: Frame;
  readonly telephoneEvents: boolean;
}

export type DescriptionKind = 'offer' | 'answer';

type Input = 'receiveOffer' | 'createAnswer' | 'createOffer' | 'receiveAnswer' | 'rejectOffer';

// A refused first offer leads back to idle: nothing is settled then.
const transitions: Record<NegotiationState, Partial<Record<Input, NegotiationState>>> = {
  idle: { receiveOffer: 'remote-offer', createOffer: 'local-offer' },
  stable: { receiveOffer: 'remote-offer', createOffer: 'local-offer', receiveAnswer: 'stable' },
  'local-offer': { receiveAnswer: 'stable', rejectOffer: 'stable' },
  'remote-offer': { createAnswer: 'stable', rejectOffer: 'stable' },
};

export abstract class OfferAnswer implements Negotiation {
  readonly #options: OfferAnswerOptions;
  /** The telephone-event formats that go with `audio`; none for a peer that takes its digits another way. */
  readonly #eventsFor: (audio: readonly Codec[]) => Codec[];
  readonly #numbers = new PayloadNumbers();
  #state: NegotiationState = 'idle';
  #version = 0;
  #lastText = '';
  /** The frame, the peer's ICE credentials, text and outcome of the last finished exchange. */
  #frame: Frame;
  #remoteIce: RemoteAudio['ice'] = null;
  #settledText: string | null = null;
  #agreed: AgreedAudio | null = null;
  #remoteOffer: Remote | null = null;
  #localOffer: { readonly audio: LocalAudio; readonly frame: Frame; readonly text: string } | null = null;

  protected constructor(options: OfferAnswerOptions) {
    this.#options = options;
    this.#eventsFor = options.telephoneEvents ? eventsFor : () => [];
    this.#frame = options.frame;
  }

  /** Reads an audio section and checks what this leg demands of it. Throws SdpError; changes nothing. */
  protected abstract readAudio(media: MediaDescription, description: SessionDescription, kind: DescriptionKind): RemoteAudio;

  /** The lines behind o=, from s= on. */
  protected abstract write(audio: LocalAudio, frame: Frame, kind: DescriptionKind): string[];

  /** Checks the m= lines of an answer or a later offer against those of the session. Throws SdpError. */
  protected checkSlots(_now: readonly Slot[], _before: readonly Slot[]): void {}

  /** The peer's description of this kind is taken: the leg keeps what lasts. */
  protected accept(_remote: RemoteAudio, _kind: DescriptionKind): void {}

  /** The offer under way is off: the leg goes back to the last exchange. */
  protected undo(): void {}

  get state(): NegotiationState {
    return this.#state;
  }

  get localDescription(): string | null {
    return this.#state === 'local-offer' ? (this.#localOffer?.text ?? null) : this.#settledText;
  }

  get agreed(): AgreedAudio | null {
    return this.#agreed;
  }

  receiveOffer(sdp: string): RemoteOffer {
    const next = transitions[this.#state].receiveOffer;
    if (!next) throw new SdpError(491, 'an offer crossed another that is not answered yet');
    const remote = this.#readOffer(parseDescription(sdp));
    this.#numbers.adopt(remote.audio.codecs);
    this.#remoteOffer = remote;
    this.#state = next;
    return { ...remote.audio, iceRestart: isRestart(this.#remoteIce, remote.audio.ice) };
  }

  createAnswer(codecs: readonly Codec[], direction: Direction, ptimeMs: number | null = null, maxPtimeMs: number | null = null): string {
    const next = this.#next('createAnswer');
    const offer = this.#remoteOffer;
    invariant(offer, 'an answer needs an offer');
    const audio = {
      codecs: answerCodecs(offer.audio, codecs, this.#eventsFor),
      direction: intersect(direction, reverse(offer.audio.direction)),
      ptimeMs,
      maxPtimeMs,
    };
    this.accept(offer.audio, 'offer');
    const text = this.#seal(this.write(audio, offer, 'answer'));
    this.#localOffer = null;
    this.#settle(next, offer, text, agreedByUs(offer.audio, audio));
    return text;
  }

  createOffer(codecs: readonly Codec[], direction: Direction, ptimeMs: number | null = null, maxPtimeMs: number | null = null): string {
    const next = this.#next('createOffer');
    const audioCodecs = codecs.flatMap((codec) => passable(codec) ?? []);
    if (audioCodecs.length === 0) throw new SdpError(488, 'no codec to offer');
    const numbered = [...audioCodecs, ...this.#eventsFor(audioCodecs)].map((codec) => this.#numbers.assign(codec));
    const audio = { codecs: numbered, direction, ptimeMs, maxPtimeMs };
    const text = this.#seal(this.write(audio, this.#frame, 'offer'));
    this.#localOffer = { audio, frame: this.#frame, text };
    this.#state = next;
    return text;
  }

  receiveAnswer(sdp: string): RemoteAudio {
    const offer = this.#localOffer;
    const next = transitions[this.#state].receiveAnswer;
    if (!next || !offer) throw new SdpError(400, 'an answer without an offer');
    const remote = this.#readAnswer(parseDescription(sdp), offer.frame);
    const agreed = agreedByPeer(offer.audio, remote.audio);
    this.accept(remote.audio, 'answer');
    this.#settle(next, remote, offer.text, agreed);
    return remote.audio;
  }

  rejectOffer(): void {
    this.#next('rejectOffer');
    this.#remoteOffer = null;
    this.#localOffer = null;
    this.undo();
    this.#state = this.#agreed ? 'stable' : 'idle';
  }

  #next(input: Input): NegotiationState {
    const next = transitions[this.#state][input];
    if (!next) throw new InvariantError(`${input} in state ${this.#state}`);
    return next;
  }

  #settle(next: NegotiationState, remote: Remote, text: string, agreed: AgreedAudio): void {
    this.#state = next;
    this.#frame = { slots: remote.slots, bundled: remote.bundled };
    this.#remoteIce = remote.audio.ice;
    this.#remoteOffer = null;
    this.#settledText = text;
    this.#agreed = agreed;
  }

  #readOffer(description: SessionDescription): Remote {
    const { media } = description;
    const chosen = this.#chooseAudio(media);
    const slots = media.map((section) => slotOf(section, section === chosen));
    if (this.#agreed) this.checkSlots(slots, this.#frame.slots);
    const audio = ownAudio(this.readAudio(chosen, description, 'offer'));
    return { audio, slots, bundled: readBundle(description.session, attribute(chosen, 'mid')).length > 0 };
  }

  /** The audio stays on its m= line for as long as the peer keeps that alive; at first it is the first line with a codec of ours. */
  #chooseAudio(media: readonly MediaDescription[]): MediaDescription {
    const usable = media.filter((section) => this.#carries(section));
    const current = media[this.#frame.slots.findIndex((slot) => slot.accepted)];
    if (this.#agreed && current && usable.includes(current)) return current;
    const chosen = usable.length > 1 ? (usable.find((section) => readCodecs(section).some(passable)) ?? usable[0]) : usable[0];
    if (!chosen) throw new SdpError(488, `no m=audio of ${this.#options.profiles.join(' or ')}`);
    return chosen;
  }

  #carries(media: MediaDescription): boolean {
    // Port 0 with a=bundle-only is an offer, not a refusal (RFC 9143 section 6).
    const open = media.port !== 0 || hasAttribute(media, 'bundle-only');
    return media.kind === 'audio' && open && this.#options.profiles.includes(media.protocol);
  }

  #readAnswer(description: SessionDescription, frame: Frame): Remote {
    const { media } = description;
    // RFC 3264 section 6: as many m= lines as the offer, in its order.
    if (media.length !== frame.slots.length) throw new SdpError(488, 'the answer does not have the m= lines of the offer');
    this.checkSlots(
      media.map((section) => slotOf(section, false)),
      frame.slots,
    );
    const section = media[frame.slots.findIndex((slot) => slot.accepted)];
    if (!section || !this.#carries(section)) throw new SdpError(488, 'the answer refuses the audio');
    const bundled = frame.bundled && readBundle(description.session, attribute(section, 'mid')).length > 0;
    return { audio: ownAudio(this.readAudio(section, description, 'answer')), slots: frame.slots, bundled };
  }

  /** RFC 3264 section 8: the version rises with every change, and only then. */
  #seal(lines: readonly string[]): string {
    const content = printLines(lines);
    if (!this.#lastText.endsWith(content)) this.#version += 1;
    const { sessionId, host } = this.#options;
    this.#lastText = printLines(['v=0', `o=- ${sessionId} ${this.#version} ${networkAddress(host)}`]) + content;
    return this.#lastText;
  }
}

/** `IN IP4 192.0.2.1` as o= and c= want it. */
export function networkAddress(host: string): string {
  return `IN ${isIpv6(host) ? 'IP6' : 'IP4'} ${host}`;
}

function slotOf(media: MediaDescription, accepted: boolean): Slot {
  const { kind, protocol, formats } = media;
  const mid = attribute(media, 'mid');
  return {
    kind: ownCopy(kind),
    protocol: ownCopy(protocol),
    format: ownCopy(formats[0] ?? '0'),
    mid: mid && ownCopy(mid),
    accepted,
  };
}

function isRestart(before: RemoteAudio['ice'], now: RemoteAudio['ice']): boolean {
  return before !== null && (before.ufrag !== now?.ufrag || before.pwd !== now.pwd);
}
