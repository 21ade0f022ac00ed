/**
 * Quality as RTCP reports in JSON, with the names that Homer, rtpengine and Asterisk agree on. Values that stand in no
 * RTCP packet of ours here (SSRC, sequence numbers) are made up: a leg's audio is number 1 towards the gateway, 2 from it.
 */

import type { LegQuality, StreamQuality } from '../events/gateway-events.ts';

const senderReport = 200;
const receiverReport = 201;
const towardsGateway = 1;
const fromGateway = 2;
/** Seconds from 1900 to 1970 (RFC 3550 section 4). */
const ntpEpochSec = 2_208_988_800;

/** What we would report to the peer: what we sent, and how we receive it. `at`: milliseconds since the Unix epoch. */
export function printOwnReport({ sent, received, mos, roundTripMs }: LegQuality, at: number, clockRate: number): string {
  const { packets, bytes } = sent;
  return JSON.stringify({
    sender_information: {
      ntp_timestamp_sec: Math.floor(at / 1000) + ntpEpochSec,
      ntp_timestamp_usec: Math.floor((at % 1000) * 1000),
      rtp_timestamp: 0,
      packets,
      octets: bytes,
    },
    ssrc: fromGateway,
    type: senderReport,
    report_count: 1,
    report_blocks: [block(received, towardsGateway, clockRate)],
    mos,
    round_trip_ms: roundTripMs,
  });
}

/** What the peer reports of the audio that we send. */
export function printPeerReport({ sent }: LegQuality, clockRate: number): string {
  return JSON.stringify({
    ssrc: towardsGateway,
    type: receiverReport,
    report_count: 1,
    report_blocks: [block(sent, fromGateway, clockRate)],
  });
}

/** Fraction lost: 256ths (RFC 3550 section 6.4.1), of the whole call. Jitter: units of the RTP clock. */
function block({ packets, lost, jitterMs }: StreamQuality, ssrc: number, clockRate: number): object {
  const expected = packets + Math.max(0, lost);
  return {
    source_ssrc: ssrc,
    highest_seq_no: expected,
    fraction_lost: expected === 0 ? 0 : Math.min(255, Math.floor((256 * Math.max(0, lost)) / expected)),
    ia_jitter: Math.round((jitterMs * clockRate) / 1000),
    packets_lost: lost,
    lsr: 0,
    dlsr: 0,
  };
}
