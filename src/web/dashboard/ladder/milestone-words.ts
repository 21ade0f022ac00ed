/** The milestones of the media path in plain words. */

import type { TraceEntry } from '../../../api/resources/traces.ts';

export type Milestone = Extract<TraceEntry, { kind: 'milestone' }>['milestone'];

export interface MilestoneWords {
  readonly text: string;
  readonly tone: 'plain' | 'good' | 'bad';
}

const words = new Map<string, readonly [text: string, tone: MilestoneWords['tone']]>([
  ['ice-check', ['First ICE check', 'plain']],
  ['ice-check-refused', ['ICE check refused', 'bad']],
  ['ice-validated', ['ICE path validated', 'plain']],
  ['ice-nominated', ['ICE path nominated', 'good']],
  ['ice-restarted', ['ICE restarted', 'plain']],
  ['dtls-hello', ['DTLS handshake began', 'plain']],
  ['dtls-connected', ['DTLS connected', 'good']],
  ['dtls-failed', ['DTLS failed', 'bad']],
  ['srtp-authentication-failing', ['SRTP authentication failing', 'bad']],
  ['srtp-authentication-recovered', ['SRTP authentication recovered', 'good']],
  ['rtp-began', ['Audio began', 'good']],
  ['rtp-stopped', ['Audio stopped', 'bad']],
  ['rtp-resumed', ['Audio resumed', 'good']],
  ['rtp-refused', ['Audio packet refused', 'bad']],
  ['source-learned', ['Source address learned', 'plain']],
  ['ssrc-changed', ['Audio source changed', 'plain']],
  ['silence-began', ['Sends digital silence', 'plain']],
  ['silence-ended', ['Silence ended', 'plain']],
  ['packet-time', ['Packet time differs', 'bad']],
  ['path-lost', ['Path lost', 'bad']],
  ['path-restored', ['Path restored', 'good']],
  ['relay-late', ['This machine was late', 'bad']],
]);

/** A milestone that this page does not know is shown by its name. */
export function milestoneWords({ what, detail, remote }: Milestone): MilestoneWords {
  const [title, tone] = words.get(what) ?? [what, 'plain'];
  const from = remote === null ? '' : `${remote.host.includes(':') ? `[${remote.host}]` : remote.host}:${remote.port}`;
  const more = [detail, from].filter((part) => part !== '').join(', ');
  return { text: more === '' ? title : `${title}: ${more}`, tone };
}
