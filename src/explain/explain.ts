/** Why a call went as it did: every rule is asked, the worst comes first. */

import { callSides } from '../events/gateway-events.ts';
import type { CapturedTrace } from '../trace/captured-message.ts';
import { CallView } from './call-view.ts';
import type { Diagnosis, Finding, Rule, Severity } from './finding.ts';
import { addressRules } from './rules/addresses.ts';
import { codecRules } from './rules/codec.ts';
import { dtlsRules } from './rules/dtls.ts';
import { dtmfRules } from './rules/dtmf.ts';
import { endingRules } from './rules/ending.ts';
import { iceRules } from './rules/ice.ts';
import { loadRules } from './rules/load.ts';
import { pathRules } from './rules/paths.ts';
import { qualityRules } from './rules/quality.ts';
import { refusalRules } from './rules/refusal.ts';
import { sessionRules } from './rules/session.ts';
import { silenceRules } from './rules/silence.ts';
import { srtpRules } from './rules/srtp.ts';

/** From the cause to the effect: what was never set up, what was set up wrongly, what came of it. */
export const rules: readonly Rule[] = [
  ...refusalRules,
  ...addressRules,
  ...iceRules,
  ...dtlsRules,
  ...srtpRules,
  ...codecRules,
  ...pathRules,
  ...silenceRules,
  ...dtmfRules,
  ...sessionRules,
  ...endingRules,
  ...loadRules,
  ...qualityRules,
];

/** The rule of a call that no other one says anything about. */
export const nothingUnusual = 'nothing-unusual';

const ranks: Readonly<Record<Severity, number>> = { problem: 0, warning: 1, info: 2 };

/** Never empty. `now`: milliseconds since the Unix epoch, for what has been missing until now in a running call. */
export function explain(trace: CapturedTrace, now: number): readonly Finding[] {
  const call = new CallView(trace, now);
  const findings = rules.flatMap(({ id, find }) => {
    const diagnosis = find(call);
    return diagnosis ? [finding(id, diagnosis)] : [];
  });
  if (findings.length === 0) return [finding(nothingUnusual, ordinary(call))];
  return findings.sort((a, b) => ranks[a.severity] - ranks[b.severity]);
}

function finding(rule: string, diagnosis: Diagnosis): Finding {
  return { rule, path: null, since: null, ...diagnosis };
}

function ordinary(call: CallView): Diagnosis {
  const state = call.end
    ? `The call ended: ${call.end.cause}.`
    : call.answeredAt === null
      ? 'The call is being set up.'
      : 'The call is up.';
  const heard = callSides.map((side) => `${call.receivedPackets(side)} packets from the ${side}`);
  return { severity: 'info', text: 'Nothing unusual.', evidence: [state, `${heard.join(', ')}.`], advice: 'Nothing to do.' };
}
