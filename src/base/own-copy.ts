/** Strings that outlive the message in which they came. */

/** An equal string with memory of its own: one that was cut out of a message keeps the whole message alive as long as it lives itself. */
export function ownCopy(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
