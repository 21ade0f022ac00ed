/**
 * Integers in few octets, those near zero in one: six bits and the sign stand in the first octet, seven in each that follows. As text of one
 * character for each octet: it takes 16 bytes beside its content, a typed array 330.
 */

/** The highest bit: another octet follows. */
const more = 0x80;
const negative = 0x40;
const firstBits = 0x40;
const furtherBits = 0x80;
/** Octets of the largest safe integer. */
const longest = 8;

/** Writes into memory of its own, which serves one text after the other. */
export class IntegerWriter {
  #octets = Buffer.alloc(1024);
  #length = 0;

  /** To be called before anything is added: a new text, which goes on from another one. */
  begin(before: string): void {
    this.#length = 0;
    this.#makeRoom(before.length);
    this.#length = this.#octets.write(before, 'latin1');
  }

  /** All safe integers come out as they went in. No bit operations but on single octets: these know 32 bits alone. */
  add(value: number): void {
    this.#makeRoom(longest);
    const magnitude = Math.abs(value);
    let rest = Math.floor(magnitude / firstBits);
    this.#octets[this.#length++] = (rest > 0 ? more : 0) | (value < 0 ? negative : 0) | (magnitude % firstBits);
    while (rest > 0) {
      const bits = rest % furtherBits;
      rest = Math.floor(rest / furtherBits);
      this.#octets[this.#length++] = (rest > 0 ? more : 0) | bits;
    }
  }

  get text(): string {
    return this.#octets.toString('latin1', 0, this.#length);
  }

  #makeRoom(octets: number): void {
    if (this.#length + octets > this.#octets.length) this.#octets = Buffer.concat([this.#octets], 2 * (this.#length + octets));
  }
}

export class IntegerReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  next(): number {
    let octet = this.#octet();
    const sign = octet & negative ? -1 : 1;
    let magnitude = octet % firstBits;
    for (let scale = firstBits; octet & more; scale *= furtherBits) {
      octet = this.#octet();
      magnitude += (octet % furtherBits) * scale;
    }
    return sign * magnitude;
  }

  #octet(): number {
    return this.#text.charCodeAt(this.#at++);
  }
}
