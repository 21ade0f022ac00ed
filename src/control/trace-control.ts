/** Traces and explanations of calls, as the API gives them out. */

import type { TraceControl } from '../api/gateway-control.ts';
import { notFound } from '../api/problem.ts';
import type { Clock } from '../base/clock.ts';
import { explain } from '../explain/explain.ts';
import type { CallTrace } from '../trace/call-trace.ts';
import { writeCaptureFile } from '../trace/capture-file.ts';
import { printTrace } from '../trace/text.ts';

export interface TraceControlOptions {
  trace(callId: string): CallTrace | undefined;
  readonly clock: Pick<Clock, 'wallTime'>;
}

export function traceControl({ trace, clock }: TraceControlOptions): TraceControl {
  const found = (callId: string): CallTrace => {
    const known = trace(callId);
    if (!known) throw notFound('trace of such a call (any more)');
    return known;
  };
  return {
    trace: found,
    text: (callId) => printTrace(found(callId)),
    pcapng: (callId) => new Uint8Array(writeCaptureFile(found(callId))),
    findings: (callId) => explain(found(callId), clock.wallTime()),
  };
}
