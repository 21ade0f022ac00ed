/** Captured SIP messages to fill traces with. */

import type { EventEmitter } from 'node:events';
import type { CallParties, CallRecord, GatewayEvents, LegQuality } from '../../../src/events/gateway-events.ts';
import type { CapturedMessage } from '../../../src/trace/captured-message.ts';

export const parties: CallParties = { callId: 'call-1', direction: 'outbound', user: 'alice', number: '+15550123', trunk: 'carrier' };

export const browser = { host: '192.0.2.1', port: 50_000 };
export const gateway = { host: '198.51.100.5', port: 5060 };

/** A message of a browser over a WebSocket, unless `about` says otherwise. */
export function message(about: Partial<CapturedMessage> = {}, more: { headers?: readonly string[]; body?: string } = {}): CapturedMessage {
  const { sipCallId = 'leg-1', method = 'INVITE' } = about;
  const { headers = [], body = '' } = more;
  const lines = [
    `${method} sip:+15550123@example.com SIP/2.0`,
    'Via: SIP/2.0/WSS a.invalid;branch=z9hG4bK1',
    'Max-Forwards: 70',
    'From: <sip:alice@example.com>;tag=a',
    'To: <sip:+15550123@example.com>',
    `Call-ID: ${sipCallId}`,
    `CSeq: 1 ${method}`,
    ...headers,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return {
    at: 1_800_000_000_000,
    kind: 'sip',
    side: 'browser',
    direction: 'received',
    transport: 'wss',
    local: { host: gateway.host, port: 8443 },
    remote: browser,
    sipCallId,
    method,
    octets: Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`).toString('latin1'),
    ...about,
  };
}

export function record(callId = parties.callId): CallRecord {
  const times = { invitedAt: 1, ringingAt: null, earlyMediaAt: null, answeredAt: null, endedAt: 2 };
  return { ...parties, callId, ...times, end: { cause: 'cancelled', side: 'browser' }, codec: null, quality: [] };
}

/** A call with one leg of the browser's. */
export function startCall(events: EventEmitter<GatewayEvents>, callId = parties.callId, sipCallId = 'leg-1'): void {
  events.emit('call.started', { ...parties, callId });
  events.emit('call.leg', { ...parties, callId, side: 'browser', sipCallId });
}

/** A leg without media yet. */
export function legQuality(what: Partial<LegQuality> = {}): LegQuality {
  const stream = { packets: 0, bytes: 0, lost: 0, jitterMs: 0 };
  const dropped = { malformed: 0, source: 0, authentication: 0, replay: 0, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 };
  const leg: LegQuality = {
    side: 'browser',
    received: stream,
    sent: stream,
    roundTripMs: null,
    mos: null,
    dropped,
    iceChecks: 0,
    iceChecksRefused: 0,
  };
  return { ...leg, ...what };
}
