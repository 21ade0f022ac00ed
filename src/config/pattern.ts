/**
 * Regular expressions of the configuration. They meet strings that strangers choose, so a pattern is accepted only if the number of
 * ways in which it can match or fail is bounded: that number, not the pattern's length, is what backtracking multiplies.
 */

/** A dialled string longer than this matches no route. */
const maxMatchedLength = 64;

const maxWays = 100_000;

/** Compiles a pattern; returns a sentence that says what is wrong with it when it cannot be used. */
export function compilePattern(source: string): RegExp | string {
  let pattern: RegExp;
  try {
    pattern = new RegExp(source);
  } catch {
    return 'it does not compile';
  }
  const ways = new PatternReader(source).alternatives();
  return ways <= maxWays
    ? pattern
    : 'it can take very long on a hostile number; avoid repeating what already repeats or branches, as in (a+)+';
}

/** Counts the paths of a pattern that compiles: a sequence multiplies, a branch adds, a repetition raises to powers. */
class PatternReader {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  alternatives(): number {
    let ways = this.#sequence();
    while (this.#take('|')) ways += this.#sequence();
    return ways;
  }

  #sequence(): number {
    let ways = 1;
    while (this.#at < this.#source.length && this.#peek() !== '|' && this.#peek() !== ')') {
      const once = this.#atom();
      ways *= this.#repeated(once);
    }
    return ways;
  }

  #atom(): number {
    const first = this.#source[this.#at++];
    if (first === '\\') this.#at++;
    if (first === '[') this.#skipClass();
    if (first !== '(') return 1;
    this.#skipGroupName();
    const ways = this.alternatives();
    this.#at++;
    return ways;
  }

  #skipClass(): void {
    while (this.#peek() !== ']') this.#at += this.#peek() === '\\' ? 2 : 1;
    this.#at++;
  }

  /** `?:`, `?=`, `?!`, `?<=`, `?<!`, `?<name>`: the rest of the group reads the same. */
  #skipGroupName(): void {
    if (!this.#take('?')) return;
    if (this.#take('<') && this.#peek() !== '=' && this.#peek() !== '!') while (this.#peek() !== '>') this.#at++;
    this.#at++;
  }

  #repeated(once: number): number {
    const [least, most] = this.#quantifier();
    let ways = 0;
    for (let times = least; times <= most && ways <= maxWays; times++) ways += once ** times;
    return ways;
  }

  #quantifier(): [number, number] {
    const range = this.#range();
    this.#take('?');
    return range;
  }

  #range(): [number, number] {
    if (this.#take('*')) return [0, maxMatchedLength];
    if (this.#take('+')) return [1, maxMatchedLength];
    if (this.#take('?')) return [0, 1];
    const braces = /^\{(\d+)(,?)(\d*)\}/.exec(this.#source.slice(this.#at, this.#at + 24));
    if (!braces) return [1, 1];
    this.#at += braces[0].length;
    const least = Number(braces[1]);
    const most = braces[2] === '' ? least : braces[3] === '' ? Number.POSITIVE_INFINITY : Number(braces[3]);
    return [Math.min(least, maxMatchedLength), Math.min(most, maxMatchedLength)];
  }

  #peek(): string | undefined {
    return this.#source[this.#at];
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at++;
    return true;
  }
}
