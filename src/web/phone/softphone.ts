/** The phone: one account, one call at a time. Whoever shows it is told of every change. */

import { closeStream, openMicrophone } from './devices.ts';
import { type CallEnding, describeEnding, describeMicrophoneError, type Notice } from './ending.ts';
import { type CallInput, type CallState, type ConnectionInput, type ConnectionState, callTable, connectionTable, next } from './machine.ts';
import { formatDuration } from './number.ts';
import type { Account } from './settings.ts';
import { SipAccount } from './sip-account.ts';
import type { SipCall } from './sip-call.ts';

export interface CallView {
  readonly state: CallState;
  readonly number: string;
  readonly name: string;
  readonly muted: boolean;
  /** Held by us, by the other side. */
  readonly held: boolean;
  readonly heldByThem: boolean;
  /** performance.now() of the answer. */
  readonly sinceMs: number | null;
  /** Keys pressed during the call. */
  readonly digits: string;
}

export interface PhoneView {
  readonly connection: ConnectionState;
  readonly user: string;
  readonly call: CallView;
  /** How the last call went; null before the first and while one is on. */
  readonly notice: Notice | null;
}

export interface PhoneEvents {
  changed(view: PhoneView): void;
  /** The registrar does not know this account. */
  denied(): void;
  microphone(stream: MediaStream | null): void;
  sound(stream: MediaStream | null): void;
}

const idle: CallView = {
  state: 'idle',
  number: '',
  name: '',
  muted: false,
  held: false,
  heldByThem: false,
  sinceMs: null,
  digits: '',
};

export class Softphone {
  readonly #socketUrl: string;
  readonly #events: PhoneEvents;
  #view: PhoneView = { connection: 'signed-out', user: '', call: idle, notice: null };
  #account: SipAccount | undefined;
  #call: SipCall | undefined;
  #microphone: MediaStream | null = null;
  /** Rises with every attempt and every end, so that a microphone that comes too late is recognised. */
  #attempt = 0;

  constructor(socketUrl: string, events: PhoneEvents) {
    this.#socketUrl = socketUrl;
    this.#events = events;
  }

  get view(): PhoneView {
    return this.#view;
  }

  get connection(): RTCPeerConnection | undefined {
    return this.#call?.connection;
  }

  signIn(account: Account): void {
    this.#account?.stop();
    // A stopped account has a last word to say, which no longer counts.
    const current = (input: ConnectionInput): void => {
      if (this.#account === sipAccount) this.#connection(input);
    };
    const sipAccount = new SipAccount(account, this.#socketUrl, {
      registered: () => current('registered'),
      lost: () => current('lost'),
      denied: () => {
        current('denied');
        if (this.#account === sipAccount) this.#events.denied();
      },
      incoming: (call) => this.#incoming(call),
    });
    this.#account = sipAccount;
    this.#show({ user: account.user });
    this.#connection('sign-in');
    sipAccount.start();
  }

  signOut(): void {
    this.#account?.stop();
    this.#account = undefined;
    this.#connection('sign-out');
  }

  async dial(number: string): Promise<void> {
    if (number === '' || this.#view.call.state !== 'idle') return;
    if (this.#view.connection !== 'ready') {
      this.#show({ notice: { tone: 'problem', title: 'Not connected', detail: 'Calls can be made once the phone is ready again.' } });
      return;
    }
    this.#show({ call: { ...idle, number }, notice: null });
    this.#step('dial');
    const microphone = await this.#openMicrophone();
    if (!microphone) return;
    const call = this.#account?.call(number, microphone);
    if (call) this.#follow(call);
    else this.#over({ tone: 'problem', title: 'Not a number', detail: 'The telephone network cannot call this.' });
  }

  async answer(): Promise<void> {
    if (this.#view.call.state !== 'incoming') return;
    this.#step('answer');
    const microphone = await this.#openMicrophone();
    if (microphone) this.#call?.answer(microphone);
  }

  /** Ends whatever is on: an attempt, an offer, a conversation. */
  hangUp(): void {
    if (this.#view.call.state === 'incoming') this.#call?.decline(603);
    else if (this.#call) this.#call.hangUp();
    else this.#over({ tone: 'calm', title: 'Call cancelled', detail: '' });
  }

  toggleMute(): void {
    const muted = !this.#view.call.muted;
    this.#call?.setMuted(muted);
    this.#showCall({ muted });
  }

  toggleHold(): void {
    this.#call?.setHeld(!this.#view.call.held);
  }

  press(digit: string): void {
    const { state, digits } = this.#view.call;
    if (state !== 'talking' && state !== 'early') return;
    this.#call?.sendDigit(digit);
    this.#showCall({ digits: digits + digit });
  }

  /** Takes the microphone that is chosen now; during a call at once. */
  async changeMicrophone(): Promise<void> {
    if (!this.#microphone) return;
    const attempt = this.#attempt;
    const fresh = await openMicrophone();
    if (attempt !== this.#attempt) {
      closeStream(fresh);
      return;
    }
    const [track] = fresh.getAudioTracks();
    if (track) await this.#call?.replaceMicrophone(track);
    closeStream(this.#microphone);
    this.#useMicrophone(fresh);
  }

  dismissNotice(): void {
    this.#show({ notice: null });
  }

  #incoming(call: SipCall): void {
    if (this.#view.call.state !== 'idle') {
      call.decline(486);
      return;
    }
    this.#show({ call: { ...idle, number: call.number, name: call.name }, notice: null });
    this.#step('invited');
    this.#follow(call);
  }

  #follow(call: SipCall): void {
    this.#call = call;
    call.follow({
      ringing: () => this.#step('ring'),
      earlyMedia: () => this.#step('early-media'),
      connected: () => {
        this.#showCall({ sinceMs: performance.now() });
        this.#step('connected');
      },
      holdChanged: ({ ours, theirs }) => this.#showCall({ held: ours, heldByThem: theirs }),
      sound: (stream) => this.#events.sound(stream),
      ended: (ending) => this.#ended(ending),
    });
  }

  #ended(ending: CallEnding): void {
    const { number, name, sinceMs } = this.#view.call;
    const duration = formatDuration(sinceMs === null ? 0 : performance.now() - sinceMs);
    this.#over(this.#view.notice ?? describeEnding(ending, name || number, duration));
  }

  #over(notice: Notice): void {
    this.#attempt++;
    this.#call = undefined;
    closeStream(this.#microphone);
    this.#useMicrophone(null);
    this.#events.sound(null);
    this.#show({ notice });
    this.#step('end');
  }

  /** null when the attempt is over meanwhile, or ends here because there is no microphone. */
  async #openMicrophone(): Promise<MediaStream | null> {
    const attempt = ++this.#attempt;
    try {
      const stream = await openMicrophone();
      if (attempt === this.#attempt) return this.#useMicrophone(stream);
      closeStream(stream);
    } catch (error) {
      const notice = describeMicrophoneError(error instanceof DOMException ? error.name : '');
      if (attempt === this.#attempt) this.#withoutMicrophone(notice);
    }
    return null;
  }

  #withoutMicrophone(notice: Notice): void {
    this.#show({ notice });
    if (this.#call) this.#call.decline(480);
    else this.#over(notice);
  }

  #useMicrophone<Stream extends MediaStream | null>(stream: Stream): Stream {
    this.#microphone = stream;
    this.#events.microphone(stream);
    return stream;
  }

  #connection(input: ConnectionInput): void {
    this.#show({ connection: next(connectionTable, this.#view.connection, input) });
  }

  #step(input: CallInput): void {
    const state = next(callTable, this.#view.call.state, input);
    if (state === 'idle') this.#show({ call: idle });
    else this.#showCall({ state });
  }

  #showCall(change: Partial<CallView>): void {
    this.#show({ call: { ...this.#view.call, ...change } });
  }

  #show(change: Partial<PhoneView>): void {
    this.#view = { ...this.#view, ...change };
    this.#events.changed(this.#view);
  }
}
