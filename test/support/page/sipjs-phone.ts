/** Stock SIP.js behind the verbs of a test phone. */

import { type Core, Invitation, Inviter, Registerer, RegistererState, type Session, SessionState, UserAgent, Web } from 'sip.js';
import type { Ending, PhoneOptions, PhoneState, PhoneVerbs, Recording } from './phone-verbs.ts';
import { ToneAudio } from './tone-audio.ts';

const reconnectEveryMs = 500;

class SipjsPhone implements PhoneVerbs {
  readonly #audio = new ToneAudio();
  readonly #events: string[] = [];
  #userAgent: UserAgent | undefined;
  #registerer: Registerer | undefined;
  #session: Session | undefined;
  #state: PhoneState = 'idle';
  #ending: Ending | null = null;
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
          this.#follow(invitation);
          this.#enter('ringing', 'incoming');
        },
        onDisconnect: (error) => {
          this.#events.push('disconnected');
          if (error) void this.#reconnect();
        },
      },
    });
    this.#userAgent = userAgent;
    this.#registerer = new Registerer(userAgent);
    await userAgent.start();
    await this.#register();
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
        onReject: ({ message }) => {
          this.#ending = { status: message.statusCode ?? null, reason: message.getHeader('Reason') ?? null };
          this.#events.push(`failed: ${message.reasonPhrase}`);
        },
      },
    });
  }

  async answer(): Promise<void> {
    if (this.#session instanceof Invitation) await this.#session.accept();
  }

  async decline(status: number): Promise<void> {
    if (this.#session instanceof Invitation) await this.#session.reject({ statusCode: status });
  }

  async hangUp(): Promise<void> {
    const session = this.#session;
    if (session?.state === SessionState.Established) await session.bye();
    else if (session instanceof Inviter) await session.cancel();
    else if (session instanceof Invitation) await session.reject();
  }

  async hold(): Promise<void> {
    await this.#reinvite({ hold: true });
    this.#enter('held', 'hold: local');
  }

  async resume(): Promise<void> {
    await this.#reinvite({ hold: false });
    this.#enter('talking', 'unhold: local');
  }

  restartIce(): Promise<void> {
    return this.#reinvite({ offerOptions: { iceRestart: true } });
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

  ending(): Ending | null {
    return this.#ending;
  }

  description(): string {
    const handler = this.#session?.sessionDescriptionHandler;
    return handler instanceof Web.SessionDescriptionHandler ? (handler.peerConnection?.localDescription?.sdp ?? '') : '';
  }

  mute(): void {
    this.#audio.mute();
  }

  record(seconds: number): Promise<Recording> {
    return this.#audio.record(seconds);
  }

  async #register(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const requestDelegate: Core.OutgoingRequestDelegate = {
        onAccept: () => resolve(),
        onReject: ({ message }) => reject(new Error(`registration refused: ${message.statusCode}`)),
      };
      this.#registerer?.register({ requestDelegate }).catch(reject);
    });
    this.#events.push('registered');
  }

  /** SIP.js leaves it to the application to come back after a lost connection. */
  async #reconnect(): Promise<void> {
    try {
      await this.#userAgent?.reconnect();
      await this.#register();
    } catch {
      setTimeout(() => void this.#reconnect(), reconnectEveryMs);
    }
  }

  #follow(session: Session): void {
    this.#session = session;
    this.#ending = null;
    session.delegate = {
      onSessionDescriptionHandler: (handler) => {
        if (handler instanceof Web.SessionDescriptionHandler && handler.peerConnection) this.#audio.listenTo(handler.peerConnection);
      },
      onInvite: ({ body }) => this.#offered(body),
      onInfo: (info) => {
        const digit = /Signal=\s*([0-9*#A-D])/i.exec(info.request.body)?.[1];
        if (digit !== undefined) this.#events.push(`dtmf: ${digit}`);
        void info.accept();
      },
      onCancel: ({ request }) => this.#endedBy(request),
      onBye: (bye) => {
        this.#endedBy(bye.request);
        void bye.accept();
      },
    };
    session.stateChange.addListener((state) => {
      if (state === SessionState.Established) this.#enter('talking', 'confirmed');
      if (state === SessionState.Terminated) this.#enter('ended', 'ended');
    });
  }

  /** SIP.js has no word for being held: the offer's direction says it. */
  #offered(sdp: string): void {
    if (/^a=(sendonly|inactive)/m.test(sdp)) this.#enter('held', 'hold: remote');
    else this.#enter('talking', 'unhold: remote');
  }

  #endedBy(request: Core.IncomingRequestMessage): void {
    this.#ending = { status: null, reason: request.getHeader('Reason') ?? null };
    this.#events.push(request.method);
  }

  async #reinvite(options: Web.SessionDescriptionHandlerOptions & { hold?: boolean }): Promise<void> {
    const session = this.#session;
    if (!session) throw new Error('no call');
    await new Promise<void>((resolve, reject) => {
      session.sessionDescriptionHandlerOptionsReInvite = options;
      const requestDelegate = {
        onAccept: () => resolve(),
        onReject: () => reject(new Error('re-INVITE refused')),
      };
      session.invite({ requestDelegate }).catch(reject);
    });
  }

  #enter(state: PhoneState, event: string): void {
    this.#state = state;
    this.#events.push(event);
  }
}

Object.assign(globalThis, { phone: new SipjsPhone() });
