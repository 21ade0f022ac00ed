/** What the legs of a thread negotiated, and what follows from it. Most calls agree on the same: that is kept once, for all of them. */

import type { LegMedia, PayloadFormat } from './media-relay.ts';
import { planRoutes, type RouteTable } from './routes.ts';

/** Peers may name whatever they like. What is forgotten stays with its legs, and is shared no more. */
const mostShared = 256;

export class Negotiations {
  readonly #media = new Map<string, LegMedia>();
  readonly #routes = new Map<string, RouteTable>();

  /** The media of a description, and nothing else of it: one object for all that say the same. */
  media({ direction, receive, send, ptimeMs }: LegMedia): LegMedia {
    const media = { direction, receive: receive.map(plainFormat), send: send.map(plainFormat), ptimeMs };
    return shared(this.#media, JSON.stringify(media), () => media);
  }

  /** From what one leg receives to what another sends; without another, to nowhere. */
  routes({ receive }: LegMedia, partner: LegMedia | null): RouteTable {
    const send = partner?.send ?? [];
    return shared(this.#routes, JSON.stringify([receive, send]), () => planRoutes(receive, send));
  }
}

function plainFormat({ payloadType, encoding, clockRate, channels }: PayloadFormat): PayloadFormat {
  return { payloadType, encoding, clockRate, channels };
}

function shared<Value>(values: Map<string, Value>, text: string, make: () => Value): Value {
  const known = values.get(text);
  if (known !== undefined) return known;
  if (values.size === mostShared) values.clear();
  const value = make();
  values.set(text, value);
  return value;
}
