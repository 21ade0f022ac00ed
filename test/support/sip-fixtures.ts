/** SIP messages from elsewhere: the torture tests of RFC 4475 and RFC 5118, and what JsSIP and SIP.js sent and received. */

import { readFileSync } from 'node:fs';

export interface TortureMessage {
  readonly name: string;
  readonly title?: string;
  /** `must-accept`, `should-accept`, `may-reject`, `must-reject`, `must-not-break`, `discard` */
  readonly parser: string;
  /** Statuses that the role may answer with; `accept`, `drop` and prose besides. */
  readonly endpoint?: ReadonlyArray<number | string> | null;
  readonly registrar?: ReadonlyArray<number | string> | string | null;
  readonly bytes: Uint8Array;
}

function fixture(path: string): Buffer {
  return readFileSync(new URL(`../fixtures/${path}`, import.meta.url));
}

/** The 49 messages of RFC 4475. */
export function rfc4475(): TortureMessage[] {
  const { messages } = JSON.parse(fixture('rfc4475/index.json').toString()) as { messages: Omit<TortureMessage, 'bytes'>[] };
  return messages.map((message) => ({ ...message, bytes: fixture(`rfc4475/${message.name}.dat`) }));
}

/** The 12 messages of RFC 5118; where the printed Content-Length is wrong, the corrected ones. */
export function rfc5118(): TortureMessage[] {
  const { messages } = JSON.parse(fixture('rfc5118/index.json').toString()) as {
    messages: Array<Omit<TortureMessage, 'bytes'> & { readonly fixedFile: string | null }>;
  };
  return messages.map((message) => ({ ...message, bytes: fixture(`rfc5118/${message.fixedFile ?? `${message.name}.dat`}`) }));
}

export interface CapturedFrame {
  readonly direction: string;
  readonly bytes: Uint8Array;
}

/** Every frame of one captured call, in order. The capture holds LF; the wire had CRLF. */
export function captured(client: 'jssip' | 'sipjs'): CapturedFrame[] {
  const text = fixture(`captured-sip/chromium-${client}-outbound.txt`).toString('latin1').replaceAll('\r', '');
  return text
    .split(/^<<<<<< /m)
    .slice(1)
    .map((frame) => {
      const newline = frame.indexOf('\n');
      const message = frame.slice(newline + 1, -1);
      return { direction: frame.slice(0, newline).trim(), bytes: Buffer.from(message.replaceAll('\n', '\r\n'), 'latin1') };
    });
}
