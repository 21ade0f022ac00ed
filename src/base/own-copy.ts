/** Strings that outlive the message in which they came. */

/** V8 copies shorter ones anyway. */
const shortestCut = 13;

/** An equal string with memory of its own: one that was cut out of a message keeps the whole message alive as long as it lives itself. */
export function ownCopy(text: string): string {
  return text.length < shortestCut ? text : Buffer.from(text, 'utf16le').toString('utf16le');
}
