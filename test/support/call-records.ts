/** Records of calls for tests. */

import type { LegQuality } from '../../src/events/gateway-events.ts';
import type { RunningRecord, StoredRecord } from '../../src/records/record-store.ts';

/** 2026-01-01T00:00:00Z */
export const newYear = Date.UTC(2026, 0, 1);

export const legQuality: LegQuality = {
  side: 'browser',
  received: { packets: 500, bytes: 80_000, lost: 3, jitterMs: 2.5 },
  sent: { packets: 498, bytes: 79_680, lost: 0, jitterMs: 1.25 },
  roundTripMs: 42,
  mos: 4.31,
  dropped: { malformed: 0, source: 0, authentication: 0, replay: 1, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 },
  iceChecks: 5,
  iceChecksRefused: 0,
};

export function storedRecord(fields: Partial<StoredRecord> = {}): StoredRecord {
  return {
    callId: 'call-1',
    direction: 'outbound',
    user: 'alice',
    number: '+15550123',
    trunk: 'carrier',
    invitedAt: newYear + 1,
    ringingAt: newYear + 202,
    earlyMediaAt: null,
    answeredAt: newYear + 3003,
    endedAt: newYear + 13_004,
    end: { cause: 'hung-up', side: 'trunk', q850: 16 },
    codec: 'PCMU',
    codecs: { browser: 'PCMU', trunk: 'PCMU' },
    transferredFrom: null,
    quality: [legQuality, { ...legQuality, side: 'trunk', roundTripMs: null, mos: null }],
    ...fields,
  };
}

export function runningRecord(fields: Partial<RunningRecord> = {}): RunningRecord {
  const { callId, direction, user, number, trunk, invitedAt, ringingAt, earlyMediaAt, answeredAt, codecs, quality } = storedRecord();
  return { callId, direction, user, number, trunk, invitedAt, ringingAt, earlyMediaAt, answeredAt, codecs, quality, ...fields };
}
