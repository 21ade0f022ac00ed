/**
 * The four transaction machines as data: RFC 3261 section 17 with the Accepted states of RFC 6026.
 * `machine[state][input]` is `[next state, action]`; an input that is not listed changes nothing. Timers keep their RFC letters.
 */

export type Machine<State extends string, Input extends string, Action extends string> = {
  readonly [S in State]: { readonly [I in Input]?: readonly [next: State, action: Action] };
};

/** Either of two machines: states and inputs of both, none of them certain to be there. */
export type EitherMachine<State extends string, Input extends string, Action extends string> = {
  readonly [S in State]?: { readonly [I in Input]?: readonly [next: State, action: Action] };
};

/** `pass` hands the response up, `acknowledge` sends the ACK of a non-2xx, `fail` reports that the request could not be sent. */
export type ClientAction = 'none' | 'send' | 'pass' | 'acknowledge' | 'acknowledge, pass' | 'timeout' | 'fail';
export type ClientResponse = '1xx' | '2xx' | '300-699';

export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
export type InviteClientTimer = 'A' | 'B' | 'D' | 'M';

/** RFC 3261 figure 5, RFC 6026 figure 7.1. */
export const inviteClient: Machine<InviteClientState, ClientResponse | InviteClientTimer | 'transport-error', ClientAction> = {
  calling: {
    A: ['calling', 'send'],
    B: ['terminated', 'timeout'],
    '1xx': ['proceeding', 'pass'],
    '2xx': ['accepted', 'pass'],
    '300-699': ['completed', 'acknowledge, pass'],
    'transport-error': ['terminated', 'fail'],
  },
  proceeding: {
    '1xx': ['proceeding', 'pass'],
    '2xx': ['accepted', 'pass'],
    '300-699': ['completed', 'acknowledge, pass'],
    // The response would have come over the connection that is gone.
    'transport-error': ['terminated', 'fail'],
  },
  accepted: {
    // Each repeated 2xx reaches the dialog, which sends its ACK again (RFC 3261 13.2.2.4).
    '2xx': ['accepted', 'pass'],
    M: ['terminated', 'none'],
  },
  completed: {
    '300-699': ['completed', 'acknowledge'],
    D: ['terminated', 'none'],
    'transport-error': ['terminated', 'none'],
  },
  terminated: {},
};

export type NonInviteClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteClientTimer = 'E' | 'F' | 'K';

/** RFC 3261 figure 6. */
export const nonInviteClient: Machine<NonInviteClientState, ClientResponse | NonInviteClientTimer | 'transport-error', ClientAction> = {
  trying: {
    E: ['trying', 'send'],
    F: ['terminated', 'timeout'],
    '1xx': ['proceeding', 'pass'],
    '2xx': ['completed', 'pass'],
    '300-699': ['completed', 'pass'],
    'transport-error': ['terminated', 'fail'],
  },
  proceeding: {
    E: ['proceeding', 'send'],
    F: ['terminated', 'timeout'],
    '1xx': ['proceeding', 'pass'],
    '2xx': ['completed', 'pass'],
    '300-699': ['completed', 'pass'],
    'transport-error': ['terminated', 'fail'],
  },
  completed: {
    K: ['terminated', 'none'],
  },
  terminated: {},
};

/** `repeat` sends the last response again, `pass` hands the ACK up, `timeout` reports that no ACK came. */
export type ServerAction = 'none' | 'send' | 'repeat' | 'pass';
/** `request` is a retransmission of the request; `send ...` comes from above. */
export type ServerInput = 'request' | 'ACK' | 'send 1xx' | 'send 2xx' | 'send 300-699';

export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type InviteServerTimer = 'G' | 'H' | 'I' | 'L';

/** RFC 3261 figure 7, RFC 6026 figure 7.2. */
export const inviteServer: Machine<InviteServerState, ServerInput | InviteServerTimer, ServerAction> = {
  proceeding: {
    request: ['proceeding', 'repeat'],
    'send 1xx': ['proceeding', 'send'],
    'send 2xx': ['accepted', 'send'],
    'send 300-699': ['completed', 'send'],
  },
  accepted: {
    // The 2xx is repeated by the dialog alone (RFC 3261 13.3.1.4), whatever arrives here.
    request: ['accepted', 'none'],
    'send 2xx': ['accepted', 'send'],
    ACK: ['accepted', 'pass'],
    L: ['terminated', 'none'],
  },
  completed: {
    request: ['completed', 'repeat'],
    G: ['completed', 'repeat'],
    H: ['terminated', 'none'],
    ACK: ['confirmed', 'none'],
  },
  confirmed: {
    I: ['terminated', 'none'],
  },
  terminated: {},
};

export type NonInviteServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type NonInviteServerTimer = 'J';

/** RFC 3261 figure 8. */
export const nonInviteServer: Machine<NonInviteServerState, ServerInput | NonInviteServerTimer, ServerAction> = {
  trying: {
    'send 1xx': ['proceeding', 'send'],
    'send 2xx': ['completed', 'send'],
    'send 300-699': ['completed', 'send'],
  },
  proceeding: {
    request: ['proceeding', 'repeat'],
    'send 1xx': ['proceeding', 'send'],
    'send 2xx': ['completed', 'send'],
    'send 300-699': ['completed', 'send'],
  },
  completed: {
    request: ['completed', 'repeat'],
    J: ['terminated', 'none'],
  },
  terminated: {},
};
