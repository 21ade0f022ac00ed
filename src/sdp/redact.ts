/** What must not be shown of a session description: passwords and keys. */

/** Lines with secrets, and how many words of each may be seen. */
const secretLines: ReadonlyArray<readonly [start: string, words: number]> = [
  ['a=ice-pwd:', 0],
  ['a=crypto:', 2], // tag and suite (RFC 4568)
  ['a=key-mgmt:', 1], // protocol (RFC 4567)
  ['k=', 0],
];

/**
 * The same text with each character of a secret as an `x`, so that lengths stay true. Lines are looked at wherever they stand: also
 * in one part of several, and in a description that is malformed.
 */
export function hideKeys(text: string): string {
  let shown = '';
  for (let at = 0; at < text.length; ) {
    const newline = text.indexOf('\n', at);
    const next = newline < 0 ? text.length : newline + 1;
    shown += hideKey(text.slice(at, next));
    at = next;
  }
  return shown;
}

function hideKey(line: string): string {
  for (const [start, words] of secretLines) {
    if (line.slice(0, start.length).toLowerCase() !== start) continue;
    const from = afterWords(line, start.length, words);
    const end = line.endsWith('\r\n') ? line.length - 2 : line.endsWith('\n') ? line.length - 1 : line.length;
    return from < end ? `${line.slice(0, from)}${'x'.repeat(end - from)}${line.slice(end)}` : line;
  }
  return line;
}

function afterWords(line: string, start: number, words: number): number {
  let at = start;
  for (let word = 0; word < words; word++) {
    const space = line.indexOf(' ', at);
    if (space < 0) return at;
    at = space + 1;
  }
  return at;
}
