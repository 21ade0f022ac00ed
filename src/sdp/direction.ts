/** The direction rules of RFC 3264 sections 5.1, 6.1 and 8.4 as arithmetic on two bits. */

import type { Direction } from './description.ts';

export const sends = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'sendonly';
export const receives = (direction: Direction): boolean => direction === 'sendrecv' || direction === 'recvonly';

export function directionOf(send: boolean, receive: boolean): Direction {
  if (send) return receive ? 'sendrecv' : 'sendonly';
  return receive ? 'recvonly' : 'inactive';
}

/** What both say can flow, both seen from the same side. */
export function intersect(a: Direction, b: Direction): Direction {
  return directionOf(sends(a) && sends(b), receives(a) && receives(b));
}

/** The same flow seen from the other side. */
export function reverse(direction: Direction): Direction {
  return directionOf(receives(direction), sends(direction));
}

/** What is left when nothing may be sent to the speaker (c=0.0.0.0). */
export function withoutReceiving(direction: Direction): Direction {
  return directionOf(sends(direction), false);
}
