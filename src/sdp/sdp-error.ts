/** A description that cannot be used. The message is plain text for the Warning header and the log; `status` answers the SIP request. */
export class SdpError extends Error {
  /** 400: not SDP. 488: SDP that this leg cannot accept (RFC 3261 21.4.26). 491: an offer crossed another one (RFC 3261 14.2). */
  readonly status: 400 | 488 | 491;

  constructor(status: 400 | 488 | 491, message: string) {
    super(message);
    this.name = 'SdpError';
    this.status = status;
  }
}
