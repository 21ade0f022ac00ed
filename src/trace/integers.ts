/**
 * Integers in few octets, those near zero in one: six bits and the sign stand in the first octet, seven in each that follows. As text of one
 * character for each octet: it takes 16 bytes beside its content, a typed array 330.
 */

/** The highest bit: another octet follows. */
const more = 0x80;
const negative = 0x40;
const firstBits = 0x40;
const furtherBits = 0x80;

/** All safe integers come out as they went in. */
export function printIntegers(values: readonly number[]): string {
  const octets: number[] = [];
  for (const value of values) addInteger(octets, value);
  return String.fromCharCode(...octets);
}

/** No bit operations but on single octets: these know 32 bits alone. */
function addInteger(octets: number[], value: number): void {
  const magnitude = Math.abs(value);
  let rest = Math.floor(magnitude / firstBits);
  octets.push((rest > 0 ? more : 0) | (value < 0 ? negative : 0) | (magnitude % firstBits));
  while (rest > 0) {
    const bits = rest % furtherBits;
    rest = Math.floor(rest / furtherBits);
    octets.push((rest > 0 ? more : 0) | bits);
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
