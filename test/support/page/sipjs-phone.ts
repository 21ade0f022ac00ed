/** Stock SIP.js behind the verbs of a test phone. */

import { type Core, Inviter, Registerer, RegistererState, type Session, SessionState, UserAgent, Web } from 'sip.js';
import type { PhoneOptions, PhoneState, PhoneVerbs, Recording } from './phone-verbs.ts';
import { ToneAudio } from './tone-audio.ts';

class SipjsPhone implements PhoneVerbs {
  readonly #audio = new ToneAudio();
  readonly #events: string[] = [];
  #userAgent: UserAgent | undefined;
  #registerer: Registerer | undefined;
  #session: Session | undefined;
  #answer: () => Promise<void> = () => Promise.reject(new Error('no incoming call'));
  #state: PhoneState = 'idle';
  #domain = '';

  async start({ url, user, domain, password, toneHz, levelDbfs }: PhoneOptions): Promise<void> {
    await this.#audio.start(toneHz, levelDbfs);
    this.#domain = domain;
    const uri = UserAgent.makeURI(`sip:${user}@${domain}`);
    if (!uri) throw new Error('bad user or domain');
    const userAgent = new UserAgent({
      uri,
      authorizationUsername: user,
      authorizationPassword: password,
      transportOptions: { server: url },
      logLevel: 'warn',
      sessionDescriptionHandlerFactory: Web.defaultSessionDescriptionHandlerFactory(() => Promise.resolve(this.#audio.microphone())),
      sessionDescriptionHandlerFactoryOptions: { peerConnectionConfiguration: { iceServers: [] } },
      delegate: {
        onInvite: (invitation) => {
          this.#answer = () => invitation.accept();
          this.#follow(invitation);
          this.#enter('ringing', 'incoming');
        },
        onDisconnect: () => this.#events.push('disconnected'),
      },
    });
    this.#userAgent = userAgent;
    await userAgent.start();
    await this.#register(new Registerer(userAgent));
    this.#state = 'registered';
  }

  async stop(): Promise<void> {
    const registerer = this.#registerer;
    if (!registerer) return;
    const gone = new Promise<void>((done) =>
      registerer.stateChange.addListener((state) => state === RegistererState.Unregistered && done()),
    );
    await registerer.unregister();
    await gone;
    await this.#userAgent?.stop();
  }

  async call(number: string): Promise<void> {
    const target = UserAgent.makeURI(`sip:${number}@${this.#domain}`);
    if (!target || !this.#userAgent) throw new Error('cannot call');
    this.#state = 'calling';
    const inviter = new Inviter(this.#userAgent, target, { earlyMedia: true });
    this.#follow(inviter);
    await inviter.invite({
      requestDelegate: {
        onProgress: () => this.#enter('early', 'progress'),
        onReject: ({ message }) => this.#events.push(`failed: ${message.statusCode} ${message.reasonPhrase}`),
      },
    });
  }

  answer(): Promise<void> {
    return this.#answer();
  }

  async hangUp(): Promise<void> {
    const session = this.#session;
    if (session?.state === SessionState.Established) await session.bye();
    else if (session instanceof Inviter) await session.cancel();
    else if (session && 'reject' in session && typeof session.reject === 'function') await session.reject();
  }

  hold(): Promise<void> {
    return this.#reinvite(true);
  }

  resume(): Promise<void> {
    return this.#reinvite(false);
  }

  async sendDigits(digits: string, way: 'INFO' | 'RFC4733'): Promise<void> {
    const session = this.#session;
    if (way === 'RFC4733') {
      session?.sessionDescriptionHandler?.sendDtmf(digits);
      return;
    }
    // As SIP.js's own SimpleUser sends them.
    for (const digit of digits) {
      const body = { contentDisposition: 'render', contentType: 'application/dtmf-relay', content: `Signal=${digit}\r\nDuration=2000` };
      await session?.info({ requestOptions: { body } });
    }
  }

  state(): PhoneState {
    return this.#state;
  }

  events(): string[] {
    return [...this.#events];
  }

  record(seconds: number): Promise<Recording> {
    return this.#audio.record(seconds);
  }

  async #register(registerer: Registerer): Promise<void> {
    this.#registerer = registerer;
    await new Promise<void>((resolve, reject) => {
      registerer.stateChange.addListener((state) => state === RegistererState.Registered && resolve());
      const requestDelegate: Core.OutgoingRequestDelegate = {
        onReject: ({ message }) => reject(new Error(`registration refused: ${message.statusCode}`)),
      };
      registerer.register({ requestDelegate }).catch(reject);
    });
    this.#events.push('registered');
  }

  #follow(session: Session): void {
    this.#session = session;
    session.delegate = {
      onSessionDescriptionHandler: (handler) => {
        if (handler instanceof Web.SessionDescriptionHandler && handler.peerConnection) this.#audio.listenTo(handler.peerConnection);
      },
      onInvite: (request) => this.#events.push(`reinvite: ${request.method}`),
      onInfo: (info) => {
        const digit = /Signal=\s*([0-9*#A-D])/i.exec(info.request.body)?.[1];
        if (digit !== undefined) this.#events.push(`dtmf: ${digit}`);
        void info.accept();
      },
    };
    session.stateChange.addListener((state) => {
      if (state === SessionState.Established) this.#enter('talking', 'confirmed');
      if (state === SessionState.Terminated) this.#enter('ended', 'ended');
    });
  }

  async #reinvite(hold: boolean): Promise<void> {
    const session = this.#session;
    if (!session) throw new Error('no call');
    await new Promise<void>((resolve, reject) => {
      session.sessionDescriptionHandlerOptionsReInvite = { hold } as Web.SessionDescriptionHandlerOptions;
      const requestDelegate = {
        onAccept: () => resolve(),
        onReject: () => reject(new Error('re-INVITE refused')),
      };
      session.invite({ requestDelegate }).catch(reject);
    });
    this.#enter(hold ? 'held' : 'talking', hold ? 'hold: local' : 'unhold: local');
  }

  #enter(state: PhoneState, event: string): void {
    this.#state = state;
    this.#events.push(event);
  }
}

Object.assign(globalThis, { phone: new SipjsPhone() });
