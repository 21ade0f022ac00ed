/**
 * Quality as RTCP reports in JSON, with the names that Homer, rtpengine and Asterisk agree on. Values of RTCP packets that are
 * not known here are made up: a leg's audio has SSRC 1 towards the gateway and 2 from it, and sequence numbers count packets.
 */

import type { LegQuality, StreamQuality } from '../events/gateway-events.ts';

const senderReport = 200;
const receiverReport = 201;
const towardsGateway = 1;
const fromGateway = 2;
/** Seconds from 1900 to 1970 (RFC 3550 section 4). */
const ntpEpochSec = 2_208_988_800;

/** A leg now and at its last report, null before the first. */
export interface MeasuredLeg {
  readonly quality: LegQuality;
  readonly before: LegQuality | null;
  /** Of the leg's RTP timestamps, per second. */
  readonly clockRate: number;
}

/** What we would report to the peer: what we sent, and how we receive it. `at`: milliseconds since the Unix epoch. */
export function printOwnReport({ quality, before, clockRate }: MeasuredLeg, at: number): string {
  const { sent, received, mos, roundTripMs } = quality;
  return JSON.stringify({
    sender_information: {
      ntp_timestamp_sec: Math.floor(at / 1000) + ntpEpochSec,
      ntp_timestamp_usec: Math.floor((at % 1000) * 1000),
      rtp_timestamp: 0,
      packets: sent.packets,
      octets: sent.bytes,
    },
    ssrc: fromGateway,
    type: senderReport,
    report_count: 1,
    report_blocks: [block(received, before?.received ?? null, towardsGateway, clockRate)],
    mos,
    round_trip_ms: roundTripMs,
  });
}

/** What the peer reports of the audio that we send. */
export function printPeerReport({ quality, before, clockRate }: MeasuredLeg): string {
  return JSON.stringify({
    ssrc: towardsGateway,
    type: receiverReport,
    report_count: 1,
    report_blocks: [block(quality.sent, before?.sent ?? null, fromGateway, clockRate)],
  });
}

/** RFC 3550 section 6.4.1: the fraction lost is of the time since the last report, in 256ths; jitter in units of the RTP clock. */
function block(now: StreamQuality, before: StreamQuality | null, ssrc: number, clockRate: number): object {
  const lost = now.lost - (before?.lost ?? 0);
  const expected = now.packets - (before?.packets ?? 0) + lost;
  return {
    source_ssrc: ssrc,
    highest_seq_no: now.packets + now.lost,
    fraction_lost: lost <= 0 || expected <= 0 ? 0 : Math.min(255, Math.floor((256 * lost) / expected)),
    ia_jitter: Math.round((now.jitterMs * clockRate) / 1000),
    packets_lost: now.lost,
    lsr: 0,
    dlsr: 0,
  };
}
