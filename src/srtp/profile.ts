/** The SRTP protection profiles that DTLS negotiates here (RFC 5764 4.1.2, RFC 7714 14.2), with all that differs between them. */

export type SrtpProfile = 'SRTP_AES128_CM_HMAC_SHA1_80' | 'SRTP_AEAD_AES_128_GCM' | 'SRTP_AEAD_AES_256_GCM';

export interface ProfileParameters {
  readonly cipher: 'cm' | 'gcm';
  /** Master and session key, bytes. */
  readonly keyLength: 16 | 32;
  /** Master and session salt, bytes. */
  readonly saltLength: 12 | 14;
  /** Authentication tag, bytes: what protection adds to an RTP packet. RTCP grows by 4 more. */
  readonly tagLength: 10 | 16;
  /** Where the E flag and SRTCP index stand, in bytes before the packet's end: before the tag in RFC 3711 3.4, after it in RFC 7714 9.2. */
  readonly rtcpIndexFromEnd: 4 | 14;
}

/**
 * Our order of preference when a peer offers several: the cheapest to relay first, by what `npm run bench -- srtp` measures; all of
 * them are strong enough for a call. docs/media-path.md has the figures.
 */
export const preferredSrtpProfiles: readonly SrtpProfile[] = [
  'SRTP_AES128_CM_HMAC_SHA1_80',
  'SRTP_AEAD_AES_128_GCM',
  'SRTP_AEAD_AES_256_GCM',
];

export const srtpProfiles: Readonly<Record<SrtpProfile, ProfileParameters>> = {
  SRTP_AES128_CM_HMAC_SHA1_80: { cipher: 'cm', keyLength: 16, saltLength: 14, tagLength: 10, rtcpIndexFromEnd: 14 },
  SRTP_AEAD_AES_128_GCM: { cipher: 'gcm', keyLength: 16, saltLength: 12, tagLength: 16, rtcpIndexFromEnd: 4 },
  SRTP_AEAD_AES_256_GCM: { cipher: 'gcm', keyLength: 32, saltLength: 12, tagLength: 16, rtcpIndexFromEnd: 4 },
};
