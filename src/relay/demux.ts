/** What a datagram on a browser's port is, by its first byte (RFC 7983 section 7) and, for RTCP, its second (RFC 5761 section 4). */

/*
 *                 +----------------+
 *                 |        [0..3] -+--> stun
 * packet -->      |      [20..63] -+--> dtls
 *                 |    [128..191] -+--> rtp, or rtcp if the second byte is in [192..223]
 *                 +----------------+
 */
export type PacketKind = 'stun' | 'dtls' | 'rtp' | 'rtcp' | 'unknown';

export function packetKind(buffer: Uint8Array, offset: number, length: number): PacketKind {
  if (length < 2) return 'unknown';
  const first = buffer[offset] as number;
  if (first >= 128 && first <= 191) return isRtcpType(buffer[offset + 1] as number) ? 'rtcp' : 'rtp';
  if (first <= 3) return 'stun';
  return first >= 20 && first <= 63 ? 'dtls' : 'unknown';
}

function isRtcpType(second: number): boolean {
  return second >= 192 && second <= 223;
}
