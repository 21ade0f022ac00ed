/** Traces and explanations of calls, as the API gives them out. */

import type { TraceControl } from '../api/gateway-control.ts';
import { notFound } from '../api/problem.ts';
import type { Clock } from '../base/clock.ts';
import { explain } from '../explain/explain.ts';
import type { CallTrace } from '../trace/call-trace.ts';
import { writeCaptureFile } from '../trace/capture-file.ts';
import { printTrace } from '../trace/text.ts';
import type { Traces } from '../trace/traces.ts';

export interface TraceControlOptions {
  readonly traces: Pick<Traces, 'get' | 'captured'>;
  readonly clock: Pick<Clock, 'wallTime'>;
}

export function traceControl({ traces, clock }: TraceControlOptions): TraceControl {
  const found = (callId: string): CallTrace => known(traces.get(callId));
  return {
    trace: found,
    text: (callId) => printTrace(found(callId)),
    pcapng: (callId) => new Uint8Array(writeCaptureFile(found(callId))),
    findings: (callId) => explain(known(traces.captured(callId)), clock.wallTime()),
  };
}

function known<Trace>(trace: Trace | undefined): Trace {
  if (!trace) throw notFound('trace of such a call (any more)');
  return trace;
}
