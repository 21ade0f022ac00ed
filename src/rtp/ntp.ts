/** NTP time as RTCP carries it (RFC 3550 4): seconds since 1900 and 1/2^32 s, or the middle 32 bits of both. */

const secondsFrom1900To1970 = 2_208_988_800;

export interface NtpTime {
  readonly ntpSeconds: number;
  readonly ntpFraction: number;
}

/** `wallMs` is milliseconds since the Unix epoch. The seconds wrap in 2036, as everyone's do. */
export function ntpTime(wallMs: number): NtpTime {
  const seconds = Math.floor(wallMs / 1000);
  const fraction = Math.floor(((wallMs - seconds * 1000) / 1000) * 2 ** 32);
  return { ntpSeconds: (seconds + secondsFrom1900To1970) % 2 ** 32, ntpFraction: fraction };
}

/** The middle 32 bits: 1/65536 s, modulo 2^16 s. */
export function ntpMiddle({ ntpSeconds, ntpFraction }: NtpTime): number {
  return (ntpSeconds % 0x10000) * 0x10000 + Math.floor(ntpFraction / 0x10000);
}

/** Milliseconds as 1/65536 s, for a report block's delay since the last sender report. */
export function ntpUnits(ms: number): number {
  return Math.min(Math.round((ms * 65536) / 1000), 0xffffffff);
}

/**
 * Round trip in milliseconds from a report block about us that arrives at `arrival` (middle 32 bits): A - LSR - DLSR (RFC 3550
 * 6.4.1). Null when the peer has had no sender report yet. Clocks that disagree by a little can make it negative: that is 0.
 */
export function roundTripMs(arrival: number, lastSenderReport: number, delaySinceLastSenderReport: number): number | null {
  if (lastSenderReport === 0) return null;
  const units = (arrival - lastSenderReport - delaySinceLastSenderReport) | 0;
  return Math.max(0, (units * 1000) / 65536);
}
