/** Whether this machine keeps up. */

import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import { clockTime } from '../wording.ts';

export const loadRules: readonly Rule[] = [{ id: 'relay-late', find: relayLate }];

/** A single short delay is nobody's trouble. */
const worthTellingMs = 100;
/** So often, and it is no accident. */
const habit = 3;

function relayLate(call: CallView): Diagnosis | null {
  const late = [...call.milestones('browser', 'relay-late'), ...call.milestones('trunk', 'relay-late')].sort((a, b) => a.at - b.at);
  const [first] = late;
  const worst = Math.max(...late.map(({ detail }) => Number.parseInt(detail, 10) || 0));
  if (!first || (late.length === 1 && worst < worthTellingMs)) return null;
  return {
    severity: late.length >= habit ? 'problem' : 'warning',
    since: first.at,
    text: 'Packets left late because this machine is overloaded: both sides hear gaps.',
    evidence: late.slice(0, 5).map(({ at, detail }) => `${clockTime(at)}: ${detail} late.`),
    advice:
      'Give the gateway more processor time: move other programs away, add cores and raise media.workers, or lower limits.calls. ' +
      'On a virtual machine look for stolen time (the st column of top).',
  };
}
