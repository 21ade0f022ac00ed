/** A way to one peer: a WebSocket or TCP connection, or a UDP socket with a remote address (RFC 5626 section 2). */

import type { SocketAddress } from '../../base/address.ts';

export type TransportName = 'ws' | 'wss' | 'udp' | 'tcp';

export interface Flow {
  /** Unique for the life of the process. */
  readonly id: string;
  readonly transport: TransportName;
  /** Whether the transport delivers in order without loss: no retransmission of requests (RFC 3261 17). */
  readonly reliable: boolean;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly closed: boolean;
  /** Sends one SIP message. On a closed flow it does nothing: closing is reported once, through the transport. */
  send(message: Uint8Array): void;
  /** Ends the connection (no effect on UDP). Idempotent. */
  close(): void;
}
