/** The phone: one account, one call at a time. */

import type { Account, DigitWay } from './account.ts';
import { closeStream, openMicrophone, Speaker } from './devices.ts';
import { type CallEnding, describeEnding, describeMicrophoneError, type Notice } from './ending.ts';
import { Listeners } from './listeners.ts';
import { type CallInput, type ConnectionInput, callTable, connectionTable, next } from './machine.ts';
import { onNetworkChange } from './network.ts';
import { formatDuration, isDialKey } from './number.ts';
import { PathRepair } from './path-repair.ts';
import { type CallView, idleCall, type Party, type PhoneEvents, type PhoneView } from './phone-events.ts';
import { QualityWatch } from './quality-watch.ts';
import { SipAccount } from './sip-account.ts';
import type { SipCall } from './sip-call.ts';

export interface PhoneOptions {
  /** The gateway's SIP WebSocket: `wss://gateway.example.com/sip`. */
  readonly url: string;
  readonly dtmf?: DigitWay;
  /** Device ids, as of `listDevices`; '' is the system's choice. */
  readonly microphone?: string;
  readonly speaker?: string;
}

export class Phone {
  /** May be changed at any time. */
  dtmf: DigitWay;
  readonly #url: string;
  readonly #listeners = new Listeners<PhoneEvents>((error) => reportError(error));
  readonly #speaker = new Speaker();
  readonly #quality = new QualityWatch((quality) => this.#listeners.emit('quality', quality));
  readonly #repair = new PathRepair({
    gatewayAnswers: async () => (await this.#account?.isReachable()) ?? false,
    restart: () => this.#call?.restartIce() ?? false,
  });
  #view: PhoneView = { connection: 'signed-out', user: '', call: idleCall, notice: null };
  #account: SipAccount | undefined;
  #call: SipCall | undefined;
  #microphoneId: string;
  #microphone: MediaStream | null = null;
  #heldWish = false;
  #forgetNetwork: (() => void) | undefined;
  /** Rises with every attempt and every end, so that a microphone that comes too late is recognised. */
  #attempt = 0;

  constructor({ url, dtmf = 'auto', microphone = '', speaker = '' }: PhoneOptions) {
    this.#url = url;
    this.dtmf = dtmf;
    this.#microphoneId = microphone;
    if (speaker !== '') this.setSpeaker(speaker).catch(() => {});
  }

  get view(): PhoneView {
    return this.#view;
  }

  /** Of the running call. */
  get connection(): RTCPeerConnection | undefined {
    return this.#call?.connection;
  }

  /** Returns what takes the listener away again. */
  on<Name extends keyof PhoneEvents>(name: Name, listener: (event: PhoneEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener);
  }

  /** Registers, and stays registered until `signOut`: a lost connection is made again. Throws when the phone's address is not one of a WebSocket. */
  signIn(account: Account): void {
    this.#stopAccount();
    // A stopped account has a last word to say, which no longer counts.
    const current = (input: ConnectionInput): void => {
      if (this.#account === sipAccount) this.#connection(input);
    };
    const sipAccount = new SipAccount(account, this.#url, {
      registered: () => current('registered'),
      lost: () => current('lost'),
      denied: () => current('denied'),
      incoming: (call) => this.#incoming(call),
    });
    this.#account = sipAccount;
    this.#forgetNetwork = onNetworkChange(() => {
      sipAccount.networkChanged();
      if (this.#call) this.#repair.networkChanged();
    });
    this.#show({ user: account.user });
    this.#connection('sign-in');
    sipAccount.start();
  }

  /** Ends a call that is on, un-registers and closes the connection. */
  signOut(): void {
    this.#stopAccount();
    this.#connection('sign-out');
  }

  /** Resolves when the call is on its way, or when it is over because it could not be; the events tell which. */
  async dial(number: string): Promise<void> {
    if (number === '' || this.#view.call.state !== 'idle') return;
    this.#show({ call: { ...idleCall, number }, notice: null });
    this.#step('dial');
    if (this.#view.connection !== 'ready') return this.#over(notConnected);
    const microphone = await this.#openMicrophone();
    if (!microphone) return;
    const call = this.#account?.call(number, microphone);
    if (call) this.#follow(call);
    else this.#over(notANumber);
  }

  async answer(): Promise<void> {
    if (this.#view.call.state !== 'incoming') return;
    this.#step('answer');
    const microphone = await this.#openMicrophone();
    if (microphone) this.#call?.answer(microphone);
  }

  /** Ends whatever is on: an attempt, an offer, a conversation. */
  hangUp(): void {
    if (this.#view.call.state === 'idle') return;
    if (this.#view.call.state === 'incoming') this.#call?.decline(603);
    else if (this.#call) this.#call.hangUp();
    else this.#over({ tone: 'calm', title: 'Call cancelled', detail: '' });
  }

  mute(muted: boolean): void {
    if (!this.#call) return;
    this.#call.setMuted(muted);
    this.#showCall({ muted });
  }

  /** During a conversation; waits while another change of the call is under way. */
  hold(held: boolean): void {
    this.#heldWish = held;
    this.#applyHold();
  }

  /** Sends digits during a call; what is no key of a telephone is left out. */
  press(keys: string): void {
    const { state, digits } = this.#view.call;
    const pressed = [...keys].filter(isDialKey).join('');
    if (pressed === '' || (state !== 'talking' && state !== 'early')) return;
    this.#call?.sendDigits(pressed, this.dtmf);
    this.#showCall({ digits: digits + pressed });
  }

  /** During a call at once; rejects as getUserMedia does, and then the call keeps the one it has. */
  async setMicrophone(id: string): Promise<void> {
    this.#microphoneId = id;
    if (!this.#microphone) return;
    const attempt = this.#attempt;
    const fresh = await openMicrophone(id);
    if (attempt !== this.#attempt) return closeStream(fresh);
    const [track] = fresh.getAudioTracks();
    if (track) await this.#call?.replaceMicrophone(track);
    closeStream(this.#microphone);
    this.#useMicrophone(fresh);
  }

  /** Without effect where the browser leaves the choice to the system: `canChooseSpeaker`. */
  setSpeaker(id: string): Promise<void> {
    return this.#speaker.choose(id);
  }

  /** Takes the words about the last call out of the view. */
  dismissNotice(): void {
    this.#show({ notice: null });
  }

  #stopAccount(): void {
    this.#forgetNetwork?.();
    this.#account?.stop();
    this.#account = undefined;
  }

  #incoming(call: SipCall): void {
    if (this.#view.call.state !== 'idle') {
      call.decline(486);
      return;
    }
    this.#show({ call: { ...idleCall, number: call.number, name: call.name, incoming: true }, notice: null });
    this.#step('invited');
    this.#follow(call);
    this.#listeners.emit('incoming', this.#party);
  }

  #follow(call: SipCall): void {
    this.#call = call;
    this.#heldWish = false;
    call.follow({
      ringing: () => this.#progress('ring', 'ringing'),
      earlyMedia: () => this.#progress('early-media', 'early-media'),
      connected: () => this.#connected(),
      holdChanged: ({ ours, theirs }) => {
        this.#showCall({ held: ours, heldByThem: theirs });
        this.#listeners.emit('held', { byUs: ours, byThem: theirs });
      },
      sound: (stream) => this.#useSound(stream),
      iceState: (state) => this.#repair.iceState(state),
      ended: (ending) => this.#ended(ending),
    });
  }

  #applyHold(): void {
    const { state, held } = this.#view.call;
    if (state !== 'talking' || held === this.#heldWish) return;
    if (!this.#call?.setHeld(this.#heldWish)) setTimeout(() => this.#applyHold(), holdAgainMs);
  }

  #progress(input: CallInput, event: 'ringing' | 'early-media'): void {
    const before = this.#view.call.state;
    this.#step(input);
    if (this.#view.call.state !== before) this.#listeners.emit(event, this.#party);
  }

  #connected(): void {
    this.#showCall({ sinceMs: performance.now() });
    this.#step('connected');
    if (this.connection) this.#quality.start(this.connection);
    this.#listeners.emit('connected', this.#party);
  }

  get #party(): Party {
    const { number, name, incoming } = this.#view.call;
    return { number, name, incoming };
  }

  get #durationMs(): number {
    const { sinceMs } = this.#view.call;
    return sinceMs === null ? 0 : performance.now() - sinceMs;
  }

  #ended(ending: CallEnding): void {
    const { number, name } = this.#view.call;
    const notice = this.#view.notice ?? describeEnding(ending, name || number, formatDuration(this.#durationMs));
    this.#over(notice, ending.status);
  }

  #over(cause: Notice, status: number | null = null): void {
    const summary = { ...this.#party, cause, status, durationMs: this.#durationMs };
    this.#attempt++;
    this.#call = undefined;
    this.#repair.stop();
    this.#quality.stop();
    closeStream(this.#microphone);
    this.#useMicrophone(null);
    this.#useSound(null);
    this.#show({ notice: cause });
    this.#step('end');
    this.#listeners.emit(cause.tone === 'problem' ? 'failed' : 'ended', summary);
  }

  /** null when the attempt is over meanwhile, or ends here because there is no microphone. */
  async #openMicrophone(): Promise<MediaStream | null> {
    const attempt = ++this.#attempt;
    try {
      const stream = await openMicrophone(this.#microphoneId);
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
    this.#listeners.emit('microphone', stream);
    return stream;
  }

  #useSound(stream: MediaStream | null): void {
    this.#speaker.play(stream);
    this.#listeners.emit('sound', stream);
  }

  #connection(input: ConnectionInput): void {
    const before = this.#view.connection;
    const connection = next(connectionTable, before, input);
    this.#show({ connection });
    if (connection === before) return;
    if (connection === 'ready') this.#listeners.emit('registered', { user: this.#view.user });
    const reason = leaving[connection];
    if (reason) this.#listeners.emit('unregistered', { reason });
  }

  #step(input: CallInput): void {
    const state = next(callTable, this.#view.call.state, input);
    if (state === 'idle') this.#show({ call: idleCall });
    else this.#showCall({ state });
  }

  #showCall(change: Partial<CallView>): void {
    this.#show({ call: { ...this.#view.call, ...change } });
  }

  #show(change: Partial<PhoneView>): void {
    this.#view = { ...this.#view, ...change };
    this.#listeners.emit('changed', this.#view);
  }
}

/** Until a change of hold that was not possible is tried again. */
const holdAgainMs = 200;

const notConnected: Notice = { tone: 'problem', title: 'Not connected', detail: 'Calls can be made once the phone is ready again.' };
const notANumber: Notice = { tone: 'problem', title: 'Not a number', detail: 'The telephone network cannot call this.' };

const leaving: Readonly<Partial<Record<PhoneView['connection'], PhoneEvents['unregistered']['reason']>>> = {
  offline: 'lost',
  denied: 'denied',
  'signed-out': 'signed-out',
};
