/** The states of a call as a table: what may happen when, and what is done about it. Both directions share it. */

export type CallState = 'preparing' | 'calling' | 'early' | 'answered' | 'ended';

export type CallInput =
  | 'prepared' // media is allocated, the callee can be offered something
  | 'progress' // a provisional response of a callee
  | 'answered' // the first 2xx of a callee
  | 'refused' // no callee is left
  | 'stop'; // either side or the gateway ends the call

export type CallAction = 'dial' | 'progress' | 'connect' | 'finish';

export type Transition = readonly [next: CallState, action: CallAction];

export const callTable: Readonly<Record<CallState, Readonly<Partial<Record<CallInput, Transition>>>>> = {
  preparing: {
    prepared: ['calling', 'dial'],
    stop: ['ended', 'finish'],
  },
  calling: {
    progress: ['early', 'progress'],
    answered: ['answered', 'connect'],
    refused: ['ended', 'finish'],
    stop: ['ended', 'finish'],
  },
  early: {
    progress: ['early', 'progress'],
    answered: ['answered', 'connect'],
    refused: ['ended', 'finish'],
    stop: ['ended', 'finish'],
  },
  answered: {
    stop: ['ended', 'finish'],
  },
  ended: {},
};
