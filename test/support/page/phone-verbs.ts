/** What a test page does on request of the test: the same verbs for each SIP library. Plain values only. */

export interface PhoneOptions {
  /** ws: or wss: address of the gateway. */
  readonly url: string;
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** What stands in for the microphone. */
  readonly toneHz: number;
  readonly levelDbfs: number;
}

export type PhoneState = 'idle' | 'registered' | 'calling' | 'early' | 'ringing' | 'talking' | 'held' | 'ended';

/** What the library told its page of the message that ended a call. */
export interface Ending {
  /** Of the final response; null for a BYE or CANCEL. */
  readonly status: number | null;
  /** The Reason header (RFC 3326). */
  readonly reason: string | null;
}

export interface Recording {
  /** Samples a second. */
  readonly rate: number;
  /** 32-bit floats, little-endian, base64. */
  readonly samples: string;
}

export interface PhoneVerbs {
  /** Connects and registers; rejects when the registrar refuses. */
  start(options: PhoneOptions): Promise<void>;
  /** Un-registers and disconnects. */
  stop(): Promise<void>;
  call(number: string): Promise<void>;
  answer(): Promise<void>;
  /** Declines a ringing call. */
  decline(status: number): Promise<void>;
  /** Ends, cancels or declines, as the call's state wants. */
  hangUp(): Promise<void>;
  hold(): Promise<void>;
  resume(): Promise<void>;
  /** New ICE credentials and candidates for the running call (RFC 8445 9). */
  restartIce(): Promise<void>;
  mute(): void;
  sendDigits(digits: string, way: 'INFO' | 'RFC4733'): Promise<void>;
  state(): PhoneState;
  /** What happened so far, in order: `progress`, `confirmed`, `hold: remote`, `failed: Busy`, `dtmf: 5`, ... */
  events(): string[];
  /** How the other side ended the last call. */
  ending(): Ending | null;
  /** The session description that this page sent last. */
  description(): string;
  /** What is heard of the far end from now on. */
  record(seconds: number): Promise<Recording>;
}
