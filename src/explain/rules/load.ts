/** Whether this machine keeps up. */

import type { CallView } from '../call-view.ts';
import type { Diagnosis, Rule } from '../finding.ts';
import { clockTime } from '../wording.ts';

export const loadRules: readonly Rule[] = [{ id: 'relay-late', find: relayLate }];

/** So often, and it is no accident. */
const habit = 3;

function relayLate(call: CallView): Diagnosis | null {
  const late = [...call.milestones('browser', 'relay-late'), ...call.milestones('trunk', 'relay-late')].sort((a, b) => a.at - b.at);
  const moments = [...new Map(late.map(({ at, detail }) => [`${at} ${detail}`, `${clockTime(at)}: ${detail} late.`])).values()];
  const [first] = late;
  if (!first) return null;
  return {
    severity: moments.length >= habit ? 'problem' : 'warning',
    since: first.at,
    text: 'Packets left late because this machine is overloaded: both sides hear gaps.',
    evidence: moments.slice(0, 5),
    advice:
      'Give the gateway more processor time: move other programs away, add cores and raise media.workers, or lower limits.calls. ' +
      'On a virtual machine look for stolen time (the st column of top).',
  };
}
