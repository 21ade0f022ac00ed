/** DTMF in SIP INFO bodies: `application/dtmf-relay` (Signal= / Duration= lines) and `application/dtmf` (the digit alone). */

export interface DtmfDigit {
  /** 0-9 * # A-D */
  readonly digit: string;
  readonly durationMs: number;
}

export const dtmfRelayType = 'application/dtmf-relay';
const dtmfType = 'application/dtmf';
const defaultDurationMs = 160;

/** The digit of an INFO body; null when the type or the content is something else. */
export function parseDtmfInfo(contentType: string | undefined, body: string): DtmfDigit | null {
  if (contentType === dtmfType) return digitOf(body.trim(), defaultDurationMs);
  if (contentType !== dtmfRelayType) return null;
  const signal = fieldOf(body, 'signal');
  const duration = Number(fieldOf(body, 'duration'));
  return digitOf(signal ?? '', Number.isFinite(duration) && duration > 0 ? duration : defaultDurationMs);
}

export function printDtmfInfo({ digit, durationMs }: DtmfDigit): string {
  return `Signal=${digit}\r\nDuration=${Math.round(durationMs)}\r\n`;
}

function digitOf(signal: string, durationMs: number): DtmfDigit | null {
  const digit = signal.toUpperCase();
  return digit.length === 1 && '0123456789*#ABCD'.includes(digit) ? { digit, durationMs: Math.min(durationMs, 5000) } : null;
}

function fieldOf(body: string, name: string): string | undefined {
  let start = 0;
  while (start < body.length) {
    const newline = body.indexOf('\n', start);
    const end = newline < 0 ? body.length : newline;
    const line = body.slice(start, end);
    const equals = line.indexOf('=');
    if (equals > 0 && line.slice(0, equals).trim().toLowerCase() === name) return line.slice(equals + 1).trim();
    start = end + 1;
  }
  return undefined;
}
