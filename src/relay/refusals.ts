/** RTP that was refused: the first packet for each reason and sender is told. Runs for each packet of a flood, so it remembers few. */

import { type DropReason, dropReasons } from '../events/gateway-events.ts';
import type { PathId } from './io/driver.ts';

const maxKnown = 16;
const payloadTypes = 128;
/** Reasons as numbers, each payload type being one of its own. */
const codes = payloadTypes + dropReasons.length;

export interface RefusalsOut {
  refused(path: PathId, detail: string): void;
}

export class Refusals {
  readonly #out: RefusalsOut;
  readonly #known: number[] = [];

  constructor(out: RefusalsOut) {
    this.#out = out;
  }

  note(reason: DropReason, path: PathId): void {
    if (this.#isNew(path * codes + payloadTypes + dropReasons.indexOf(reason))) this.#out.refused(path, reason);
  }

  notePayloadType(payloadType: number, path: PathId, detail: string): void {
    if (this.#isNew(path * codes + payloadType)) this.#out.refused(path, detail);
  }

  #isNew(key: number): boolean {
    const known = this.#known;
    if (known.length === maxKnown || known.includes(key)) return false;
    known.push(key);
    return true;
  }
}
