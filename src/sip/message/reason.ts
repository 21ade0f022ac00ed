/** The Reason header (RFC 3326): why a request or, by RFC 6432, a response was sent. */

import { isDigits, parseParams, quoted, Scanner, splitList, unquote } from './scanner.ts';
import { SipError } from './sip-error.ts';

export interface Reason {
  /** `SIP`, `Q.850`, ... in upper case. */
  readonly protocol: string;
  readonly cause: number;
  /** Null when the peer said nothing in words. */
  readonly text: string | null;
}

/** More words than any real reason has. */
const maxTextLength = 100;

/** The reasons of a header's values; what is malformed or has no cause is left out, for nothing depends on it. */
export function parseReasons(values: readonly string[]): Reason[] {
  return values.flatMap(splitList).flatMap((element) => {
    try {
      return parseReason(element) ?? [];
    } catch (error) {
      if (error instanceof SipError) return [];
      throw error;
    }
  });
}

function parseReason(element: string): Reason | undefined {
  const scanner = new Scanner(element);
  const protocol = scanner.token().toUpperCase();
  const params = parseParams(scanner);
  const cause = params.get('cause') ?? '';
  const text = params.get('text');
  if (!isDigits(cause) || Number(cause) > 999) return undefined;
  return { protocol, cause: Number(cause), text: text ? plain(unquote(text)) || null : null };
}

export function printReason({ protocol, cause, text }: Reason): string {
  return `${protocol};cause=${cause}${text === null ? '' : `;text=${quoted(plain(text))}`}`;
}

/** Printable ASCII, bounded: what one peer says is repeated to another. */
function plain(text: string): string {
  let clean = '';
  for (const char of text.slice(0, maxTextLength)) if (char >= ' ' && char <= '~') clean += char;
  return clean;
}
