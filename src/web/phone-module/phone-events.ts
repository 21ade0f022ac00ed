/** What a phone tells, and what it shows. */

import type { Notice } from './ending.ts';
import type { CallState, ConnectionState } from './machine.ts';
import type { Quality } from './quality.ts';

export interface Party {
  readonly number: string;
  /** What it calls itself; '' when it does not. */
  readonly name: string;
  readonly incoming: boolean;
}

export interface CallSummary extends Party {
  /** Why it ended, in words for the person at the phone. */
  readonly cause: Notice;
  /** SIP status of a call that was refused; null when nothing refused it. */
  readonly status: number | null;
  /** Of the conversation; 0 when there was none. */
  readonly durationMs: number;
}

/** Each call ends with exactly one of `ended` and `failed`. */
export interface PhoneEvents {
  registered: { readonly user: string };
  /** After `lost` the phone goes on trying by itself; after `denied` name or password is wrong. */
  unregistered: { readonly reason: 'lost' | 'denied' | 'signed-out' };
  incoming: Party;
  ringing: Party;
  /** What the other side plays before it answers is being played. */
  'early-media': Party;
  connected: Party;
  /** Who holds the call now; also told when nobody does any more. */
  held: { readonly byUs: boolean; readonly byThem: boolean };
  /** A call that somebody wanted to end. */
  ended: CallSummary;
  /** A call that something kept from coming about, or broke. */
  failed: CallSummary;
  /** Every second of a conversation. */
  quality: Quality;
  /** After every change of the view. */
  changed: PhoneView;
  /** The open microphone, for level meters; null when it is closed. */
  microphone: MediaStream | null;
  /** The sound of the other side, which the phone plays itself. */
  sound: MediaStream | null;
}

export interface CallView {
  readonly state: CallState;
  readonly number: string;
  readonly name: string;
  readonly incoming: boolean;
  readonly muted: boolean;
  /** Held by us, by the other side. */
  readonly held: boolean;
  readonly heldByThem: boolean;
  /** performance.now() of the answer. */
  readonly sinceMs: number | null;
  /** Keys pressed during the call. */
  readonly digits: string;
}

/** Everything that a page needs to show the phone. */
export interface PhoneView {
  readonly connection: ConnectionState;
  readonly user: string;
  readonly call: CallView;
  /** How the last call went; null before the first and while one is on. */
  readonly notice: Notice | null;
}

export const idleCall: CallView = {
  state: 'idle',
  number: '',
  name: '',
  incoming: false,
  muted: false,
  held: false,
  heldByThem: false,
  sinceMs: null,
  digits: '',
};
