/** Whether a peer sends nothing but digital silence, as a muted microphone does: told from a few packets a second. */

import type { SocketAddress } from '../base/address.ts';
import type { RtpHeader } from '../rtp/header.ts';
import type { Milestones } from './milestones.ts';

/** Longer than people pause. */
const leastMs = 3000;
/** An Opus frame that says "nothing" (RFC 6716 3.1: a TOC byte and hardly more). */
const maxSilentOpusBytes = 3;

export class Silence {
  readonly #milestones: Milestones;
  #since: number | null = null;
  #told = false;

  constructor(milestones: Milestones) {
    this.#milestones = milestones;
  }

  look(silent: boolean, remote: SocketAddress | null, now: number): void {
    if (!silent) {
      this.#since = null;
      if (this.#told) this.#milestones.tell('silence-ended', remote);
      this.#told = false;
      return;
    }
    this.#since ??= now;
    if (this.#told || now - this.#since < leastMs) return;
    this.#told = true;
    this.#milestones.tell('silence-began', remote);
  }
}

/** Null for a codec whose silence cannot be told without decoding it. */
export function isDigitalSilence(encoding: string, header: RtpHeader, buffer: Uint8Array, offset: number): boolean | null {
  const { headerLength, payloadLength } = header;
  const name = encoding.toLowerCase();
  if (name === 'opus') return payloadLength <= maxSilentOpusBytes;
  if (name !== 'pcmu' && name !== 'pcma') return null;
  const begin = offset + headerLength;
  for (let at = begin + 1; at < begin + payloadLength; at++) if (buffer[at] !== buffer[begin]) return false;
  return true;
}
