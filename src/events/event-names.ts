/** The names of all events, each with what it means. Filters and listeners know no others; docs/events.md shows them. */

import type { GatewayEvents } from './gateway-events.ts';

export type GatewayEventName = keyof GatewayEvents;

export const eventMeanings: Readonly<Record<GatewayEventName, string>> = {
  'call.started': 'A call was admitted and is being set up.',
  'call.refused': 'An INVITE became no call: no route, a limit, or a gateway that drains.',
  'call.ringing': 'The far side rings.',
  'call.answered': 'The far side has answered.',
  'call.leg': 'A leg has its own SIP dialog; this is its Call-ID.',
  'call.media': 'ICE and DTLS towards the browser are done: media can flow.',
  'call.milestone': 'Something happened to the media of a leg: a first ICE check, a handshake, a silence.',
  'call.media-changed': 'The audio that a leg has agreed, at first and whenever it changes.',
  'call.held': 'One side has put the call on hold.',
  'call.resumed': 'The side that had put the call on hold has taken it up again.',
  'call.quality': 'The counters and the quality of both legs, once a second.',
  'call.ended': 'A call is over; this is its record.',
  'call.order-failed': 'A call that was placed through the API came to nothing before its number was dialled.',
  dtmf: 'A digit was heard, once.',
  'registration.added': 'A browser has registered, or has come back over a new connection.',
  'registration.removed': 'A browser cannot be reached any more.',
  'trunk.state': 'A trunk answers or does not, is registered or is not.',
  'trunk.enabled': 'An operator has put a trunk into use again.',
  'trunk.disabled': 'An operator has taken a trunk out of use.',
  'security.auth-failed': 'A browser showed a wrong password.',
  'security.token-refused': 'The API was shown a wrong token.',
  'security.refused': 'Strangers, foreign pages, floods. At most one of a kind in ten seconds for each transport.',
  'webhook.dead-letter': 'An event could not be delivered to a webhook and was given up.',
  'node.ready': 'The gateway has opened.',
  'node.draining': 'The gateway takes no more calls.',
  'node.overloaded': 'A relay thread comes round too late: calls suffer.',
};

export const eventNames: readonly GatewayEventName[] = Object.keys(eventMeanings).filter((name) => isEventName(name));

function isEventName(name: string): name is GatewayEventName {
  return Object.hasOwn(eventMeanings, name);
}
