/** What a rule says of a call, for an operator who is no expert. */

import type { CallSide } from '../events/gateway-events.ts';
import type { CallView } from './call-view.ts';

export type MediaPath = 'browser->gateway' | 'gateway->trunk' | 'trunk->gateway' | 'gateway->browser';

/** What comes from that side. */
export const pathFrom: Readonly<Record<CallSide, MediaPath>> = { browser: 'browser->gateway', trunk: 'trunk->gateway' };

/** What goes to that side. */
export const pathTo: Readonly<Record<CallSide, MediaPath>> = { browser: 'gateway->browser', trunk: 'gateway->trunk' };

/** `problem`: the call is broken by it. `warning`: it can be heard, or will break another call. `info`: worth knowing. */
export type Severity = 'info' | 'warning' | 'problem';

export interface Finding {
  /** The id of the rule, as docs/explanations.md lists it. */
  readonly rule: string;
  readonly severity: Severity;
  /** Where the audio suffers; null when it is not about one way of it. */
  readonly path: MediaPath | null;
  readonly text: string;
  readonly evidence: readonly string[];
  /** What to do about it. */
  readonly advice: string;
  /** Milliseconds since the Unix epoch; null when there was no one moment. */
  readonly since: number | null;
}

/** A finding as its rule writes it. */
export type Diagnosis = Pick<Finding, 'severity' | 'text' | 'evidence' | 'advice'> & Partial<Pick<Finding, 'path' | 'since'>>;

export interface Rule {
  readonly id: string;
  readonly find: (call: CallView) => Diagnosis | null;
}
