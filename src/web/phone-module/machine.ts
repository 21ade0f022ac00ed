/** What a connection and a call can be, as tables: state, input, next state. An input that a state does not list changes nothing. */

type Table<State extends string, Input extends string> = Readonly<Record<State, Readonly<Partial<Record<Input, State>>>>>;

export type ConnectionState = 'signed-out' | 'connecting' | 'ready' | 'offline' | 'denied';
export type ConnectionInput = 'sign-in' | 'registered' | 'lost' | 'denied' | 'sign-out';

export const connectionTable: Table<ConnectionState, ConnectionInput> = {
  'signed-out': { 'sign-in': 'connecting' },
  connecting: { registered: 'ready', lost: 'offline', denied: 'denied', 'sign-in': 'connecting', 'sign-out': 'signed-out' },
  ready: { lost: 'offline', denied: 'denied', 'sign-in': 'connecting', 'sign-out': 'signed-out' },
  // Attempts go on by themselves.
  offline: { registered: 'ready', denied: 'denied', 'sign-in': 'connecting', 'sign-out': 'signed-out' },
  denied: { 'sign-in': 'connecting', 'sign-out': 'signed-out' },
};

export type CallState = 'idle' | 'dialling' | 'ringing' | 'early' | 'incoming' | 'answering' | 'talking';
export type CallInput = 'dial' | 'ring' | 'early-media' | 'invited' | 'answer' | 'connected' | 'end';

export const callTable: Table<CallState, CallInput> = {
  idle: { dial: 'dialling', invited: 'incoming' },
  dialling: { ring: 'ringing', 'early-media': 'early', connected: 'talking', end: 'idle' },
  ringing: { 'early-media': 'early', connected: 'talking', end: 'idle' },
  // What the far side plays stays, also when it says once more that it rings.
  early: { connected: 'talking', end: 'idle' },
  incoming: { answer: 'answering', end: 'idle' },
  answering: { connected: 'talking', end: 'idle' },
  talking: { end: 'idle' },
};

export function next<State extends string, Input extends string>(table: Table<State, Input>, state: State, input: Input): State {
  return table[state][input] ?? state;
}
