/**
 * LZ77 for texts of some kB that repeat themselves: whatever was there before is told by its length and distance. zlib makes them a
 * fourth smaller still, but takes twice as long for so little, and leaves objects that only a full garbage collection takes away.
 */

/** A copy is told in four octets at most unless it is a long one: nothing gets larger than a head and one octet in 128. */
const shortestCopy = 4;
/** What two octets can tell. */
const farthest = 0x3fff;
const tableBits = 12;

export class Compressor {
  /** Where four octets of each hash were last. */
  readonly #places = new Int32Array(1 << tableBits);

  /** For `expand`. */
  compress(input: Uint8Array): Uint8Array {
    const view = new DataView(input.buffer, input.byteOffset, input.length);
    const output = new Output(input);
    this.#places.fill(-1 - farthest);
    for (let at = 0; at + shortestCopy <= input.length; ) {
      const before = this.#seen(view, at);
      if (before < 0) {
        at += 1;
        continue;
      }
      const length = sameOctets(input, before, at);
      output.copy(at, at - before, length);
      at += length;
    }
    return output.end();
  }

  /** Where the four octets at `at` were before, near enough; negative: nowhere. */
  #seen(view: DataView, at: number): number {
    const octets = view.getUint32(at, true);
    const hash = Math.imul(octets, 0x9e3779b1) >>> (32 - tableBits);
    const before = this.#places[hash] as number;
    this.#places[hash] = at;
    return at - before <= farthest && view.getUint32(before, true) === octets ? before : -1;
  }
}

function sameOctets(input: Uint8Array, before: number, at: number): number {
  let length = shortestCopy;
  while (at + length < input.length && input[before + length] === input[at + length]) length += 1;
  return length;
}

/** The length of the whole, then by turns: how many octets stand as they are, those, how many are copied, from how far back. */
class Output {
  readonly #input: Uint8Array;
  readonly #bytes: Uint8Array;
  #length = 0;
  /** How much of the input is told. */
  #told = 0;

  constructor(input: Uint8Array) {
    this.#input = input;
    this.#bytes = new Uint8Array(input.length + (input.length >> 7) + 16);
    this.#number(input.length);
  }

  /** Everything up to `at` as it stands, then a copy. */
  copy(at: number, distance: number, length: number): void {
    this.#asItStands(at);
    this.#number(length);
    this.#number(distance);
    this.#told = at + length;
  }

  end(): Uint8Array {
    this.#asItStands(this.#input.length);
    return this.#bytes.subarray(0, this.#length);
  }

  #asItStands(end: number): void {
    this.#number(end - this.#told);
    for (let at = this.#told; at < end; at++) this.#bytes[this.#length++] = this.#input[at] as number;
  }

  /** Seven bits in each octet, the lowest first; the eighth says that more follow. */
  #number(value: number): void {
    let rest = value;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }
}

/** What was compressed. Only for what `compress` returned: nothing is checked. */
export function expand(compressed: Uint8Array): Uint8Array {
  let from = 0;
  const number = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const octet = compressed[from++] as number;
      value |= (octet & 0x7f) << shift;
      if (octet <= 0x7f) return value;
    }
  };
  const whole = new Uint8Array(number());
  for (let to = 0; ; ) {
    for (let end = to + number(); to < end; ) whole[to++] = compressed[from++] as number;
    if (to === whole.length) return whole;
    const end = to + number();
    for (let before = to - number(); to < end; ) whole[to++] = whole[before++] as number;
  }
}
