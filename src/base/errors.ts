/** Errors that every layer shares. Protocol layers add one class of their own (SipError, SdpError, ...). */

/** Bytes ended before the structure that they began. Hostile input, not a defect. */
export class TruncatedError extends Error {
  constructor(needed: number, available: number) {
    super(`truncated: needs ${needed} bytes, has ${available}`);
    this.name = 'TruncatedError';
  }
}

/** A state that correct code never reaches. Ends the call that met it, and nothing else. */
export class InvariantError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvariantError';
  }
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** The message of anything thrown, for logs and Reason texts. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
