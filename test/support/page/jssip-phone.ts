/** Stock JsSIP behind the verbs of a test phone. */

import { C, UA, WebSocketInterface } from 'jssip';
import type { EndEvent, IncomingDTMFEvent, OutgoingDTMFEvent, RTCSession } from 'jssip/lib/RTCSession';
import type { RTCSessionEvent } from 'jssip/lib/UA';
import type { Ending, PhoneOptions, PhoneState, PhoneVerbs, Recording } from './phone-verbs.ts';
import { ToneAudio } from './tone-audio.ts';

class JssipPhone implements PhoneVerbs {
  readonly #audio = new ToneAudio();
  readonly #events: string[] = [];
  #ua: UA | undefined;
  #session: RTCSession | undefined;
  #state: PhoneState = 'idle';
  #ending: Ending | null = null;

  async start({ url, user, domain, password, toneHz, levelDbfs }: PhoneOptions): Promise<void> {
    await this.#audio.start(toneHz, levelDbfs);
    const ua = new UA({ sockets: [new WebSocketInterface(url)], uri: `sip:${user}@${domain}`, password });
    this.#ua = ua;
    ua.on('newRTCSession', ({ session, originator }: RTCSessionEvent) => this.#follow(session, originator === 'remote'));
    ua.on('disconnected', () => this.#events.push('disconnected'));
    ua.on('registered', () => this.#events.push('registered'));
    await new Promise<void>((resolve, reject) => {
      ua.on('registered', () => resolve());
      ua.on('registrationFailed', ({ cause }) => reject(new Error(`registration refused: ${cause}`)));
      ua.start();
    });
    this.#state = 'registered';
  }

  async stop(): Promise<void> {
    const ua = this.#ua;
    if (!ua) return;
    const gone = new Promise<void>((done) => ua.on('unregistered', () => done()));
    ua.unregister();
    await gone;
    ua.stop();
  }

  async call(number: string): Promise<void> {
    this.#state = 'calling';
    this.#ua?.call(number, { mediaStream: this.#audio.microphone(), pcConfig: { iceServers: [] } });
  }

  async answer(): Promise<void> {
    this.#session?.answer({ mediaStream: this.#audio.microphone(), pcConfig: { iceServers: [] } });
  }

  async decline(status: number): Promise<void> {
    this.#session?.terminate({ status_code: status });
  }

  async hangUp(): Promise<void> {
    this.#session?.terminate();
  }

  hold(): Promise<void> {
    return new Promise((done) => this.#session?.hold({}, done));
  }

  resume(): Promise<void> {
    return new Promise((done) => this.#session?.unhold({}, done));
  }

  restartIce(): Promise<void> {
    return new Promise((done) => this.#session?.renegotiate({ rtcOfferConstraints: { iceRestart: true } }, done));
  }

  async sendDigits(digits: string, way: 'INFO' | 'RFC4733'): Promise<void> {
    this.#session?.sendDTMF(digits, { transportType: way === 'INFO' ? C.DTMF_TRANSPORT.INFO : C.DTMF_TRANSPORT.RFC2833 });
  }

  state(): PhoneState {
    return this.#state;
  }

  events(): string[] {
    return [...this.#events];
  }

  ending(): Ending | null {
    return this.#ending;
  }

  description(): string {
    return this.#session?.connection.localDescription?.sdp ?? '';
  }

  mute(): void {
    this.#audio.mute();
  }

  record(seconds: number): Promise<Recording> {
    return this.#audio.record(seconds);
  }

  #follow(session: RTCSession, incoming: boolean): void {
    this.#session = session;
    this.#ending = null;
    if (incoming) this.#enter('ringing', 'incoming');
    else this.#audio.listenTo(session.connection);
    session.on('peerconnection', ({ peerconnection }) => this.#audio.listenTo(peerconnection));
    session.on('progress', () => this.#enter(incoming ? 'ringing' : 'early', 'progress'));
    session.on('accepted', () => this.#events.push('accepted'));
    session.on('confirmed', () => this.#enter('talking', 'confirmed'));
    session.on('hold', ({ originator }) => this.#enter('held', `hold: ${originator}`));
    session.on('unhold', ({ originator }) => this.#enter('talking', `unhold: ${originator}`));
    session.on('ended', (end: EndEvent) => this.#end('ended', end));
    session.on('failed', (end: EndEvent) => this.#end('failed', end));
    session.on('newDTMF', ({ originator, dtmf }: IncomingDTMFEvent | OutgoingDTMFEvent) => {
      if (originator === 'remote') this.#events.push(`dtmf: ${dtmf.tone}`);
    });
  }

  #end(how: 'ended' | 'failed', { originator, message, cause }: EndEvent): void {
    if (originator === 'remote') {
      const status = 'status_code' in message ? message.status_code : null;
      this.#ending = { status, reason: message.getHeader('Reason') ?? null };
    }
    this.#enter('ended', `${how}: ${cause}`);
  }

  #enter(state: PhoneState, event: string): void {
    this.#state = state;
    this.#events.push(event);
  }
}

Object.assign(globalThis, { phone: new JssipPhone() });
