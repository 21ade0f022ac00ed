/** A TransportOut that remembers, and messages to send through it. */

import type { Flow } from '../../../../src/sip/message/flow.ts';
import type { SipMessage } from '../../../../src/sip/message/message.ts';
import type { SipError } from '../../../../src/sip/message/sip-error.ts';
import type { Refusal } from '../../../../src/sip/transport/limits.ts';
import type { TransportOut } from '../../../../src/sip/transport/transport-out.ts';
import { until as waitUntil } from '../../../support/until.ts';

export class Recorder implements TransportOut {
  readonly received: { message: SipMessage; flow: Flow }[] = [];
  readonly departures: { bytes: Uint8Array; flow: Flow }[] = [];
  readonly errors: { error: SipError; flow: Flow }[] = [];
  readonly closes: Flow[] = [];
  readonly refusals: Refusal[] = [];

  receive(message: SipMessage, flow: Flow): void {
    this.received.push({ message, flow });
  }

  sent(bytes: Uint8Array, flow: Flow): void {
    this.departures.push({ bytes, flow });
  }

  malformed(error: SipError, flow: Flow): void {
    this.errors.push({ error, flow });
  }

  closed(flow: Flow): void {
    this.closes.push(flow);
  }

  refused(refusal: Refusal): void {
    this.refusals.push(refusal);
  }

  /** The n-th message's flow. */
  flow(at = 0): Flow {
    const entry = this.received[at];
    if (!entry) throw new Error(`only ${this.received.length} messages came`);
    return entry.flow;
  }
}

export const limits = {
  messageBytes: 8192,
  messagesPerSec: 100,
  trunkMessagesPerSec: 1000,
  connections: 10,
  connectionsPerAddress: 10,
  anonymousSec: 60,
};

export function options(body = '', callId = 'a84b4c76e66710'): string {
  const lines = [
    'OPTIONS sip:carol@example.com SIP/2.0',
    'Via: SIP/2.0/TCP pc33.invalid;branch=z9hG4bKhjhs8ass877',
    'Max-Forwards: 70',
    'To: <sip:carol@example.com>',
    'From: Alice <sip:alice@example.com>;tag=1928301774',
    `Call-ID: ${callId}`,
    'CSeq: 63104 OPTIONS',
    `Content-Length: ${body.length}`,
    '',
    body,
  ];
  return lines.join('\r\n');
}

/** Waits until `check` holds. */
export async function until(check: () => boolean): Promise<void> {
  await waitUntil(String(check), check);
}
