/** What a phone's face says of each state. */

import type { CallState, ConnectionState } from './machine.ts';
import type { CallView, PhoneView } from './phone-events.ts';
import type { Rating } from './quality.ts';

const connectionWords: Readonly<Record<ConnectionState, string>> = {
  'signed-out': 'Signed out',
  connecting: 'Connecting',
  ready: 'Ready',
  offline: 'No connection. Trying again',
  denied: 'Wrong name or password',
};

export function connectedAs({ connection, user }: Pick<PhoneView, 'connection' | 'user'>): string {
  return connection === 'ready' ? `Ready as ${user}` : connectionWords[connection];
}

export const ratingWords: Readonly<Record<Rating, string>> = { good: 'Good line', fair: 'Fair line', poor: 'Poor line' };

const stateWords: Readonly<Record<CallState, string>> = {
  idle: '',
  dialling: 'Calling',
  ringing: 'Ringing',
  early: 'Not answered yet',
  incoming: 'Incoming call',
  answering: 'Answering',
  talking: 'In call',
};

export function callWords(call: Pick<CallView, 'state' | 'held' | 'heldByThem' | 'muted'>): string {
  if (call.state !== 'talking') return stateWords[call.state];
  if (call.held) return 'On hold';
  if (call.heldByThem) return 'They put you on hold';
  return call.muted ? 'In call, muted' : stateWords.talking;
}
