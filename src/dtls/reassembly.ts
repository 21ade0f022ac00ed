/** Puts handshake messages together and in order (RFC 6347 4.2.2, 4.2.3), from fragments that were lost, repeated, swapped or forged. */

import type { HandshakeFragment, HandshakeMessage } from './handshake-messages.ts';

/** Longer messages than any certificate of a browser are not worth memory. */
const longestMessage = 16_384;
/** No flight has more messages than this. */
const furthestAhead = 8;

interface Assembly {
  readonly type: number;
  readonly body: Uint8Array;
  /** 1 where a byte of the body has come. */
  readonly present: Uint8Array;
  missing: number;
}

export class Reassembly {
  readonly #assemblies = new Map<number, Assembly>();
  #next = 0;

  /** `repeated`: the end of the latest message that was taken has come again, so that its sender has not heard our answer. */
  add(fragment: HandshakeFragment): 'kept' | 'repeated' | 'dropped' {
    const { sequence, offset, length, body } = fragment;
    if (length > longestMessage || offset + body.length > length) return 'dropped';
    if (sequence < this.#next) return sequence === this.#next - 1 && offset + body.length === length ? 'repeated' : 'dropped';
    if (sequence >= this.#next + furthestAhead) return 'dropped';
    const assembly = this.#assemblies.get(sequence) ?? this.#begin(fragment);
    if (assembly.type !== fragment.type || assembly.body.length !== length) return 'dropped';
    assembly.body.set(body, offset);
    for (let at = offset; at < offset + body.length; at++) {
      if (assembly.present[at] === 0) assembly.missing--;
      assembly.present[at] = 1;
    }
    return 'kept';
  }

  /** The next message in order, once it is whole. */
  take(): HandshakeMessage | undefined {
    const assembly = this.#assemblies.get(this.#next);
    if (!assembly || assembly.missing > 0) return undefined;
    const sequence = this.#next++;
    this.#assemblies.delete(sequence);
    return { type: assembly.type, sequence, body: assembly.body };
  }

  #begin({ type, length, sequence }: HandshakeFragment): Assembly {
    const assembly = { type, body: new Uint8Array(length), present: new Uint8Array(length), missing: length };
    this.#assemblies.set(sequence, assembly);
    return assembly;
  }
}
