/** Why a description was rewritten the way it was, line by line, for people. */

import type { Codec, MediaDescription, Section } from './description.ts';
import { parseDescription } from './parse.ts';
import { attributeSubject, readCodecs } from './parse-audio.ts';

export interface Explanation {
  readonly action: 'kept' | 'changed' | 'removed' | 'added';
  /** The line as the result has it; for a removed one, as it stood. */
  readonly line: string;
  /** What a changed line said before, else null. */
  readonly was: string | null;
  readonly why: string;
}

/** A line and what it is about, by which it finds its counterpart. */
interface Entry {
  readonly text: string;
  /** The type letter, an attribute's name, or "direction". */
  readonly name: string;
  /** `encoding/clock` for an attribute of one payload type. */
  readonly codec: string | null;
}

/** Compares section by section: every line of `before` in its order, and behind each section what `after` has beyond it. */
export function explain(before: string, after: string): Explanation[] {
  const old = parseDescription(before);
  const made = parseDescription(after);
  const unmatched = [...made.media];
  const media = old.media.flatMap((section) => {
    const at = unmatched.findIndex(({ kind }) => kind === section.kind);
    const [counterpart] = at < 0 ? [] : unmatched.splice(at, 1);
    if (!counterpart) return wholly(section, 'removed', 'one audio stream is passed on, nothing else');
    return explainSection(mediaEntries(section), mediaEntries(counterpart));
  });
  const refused = unmatched.flatMap((section) => wholly(section, 'added', 'every m= line of the offer is answered (RFC 3264 section 6)'));
  return [...explainSection(entries(old.session, []), entries(made.session, [])), ...media, ...refused];
}

function wholly(section: MediaDescription, action: 'removed' | 'added', reason: string): Explanation[] {
  return mediaEntries(section).map(({ text }) => ({ action, line: text, was: null, why: reason }));
}

function mediaEntries(section: MediaDescription): Entry[] {
  return entries(section, readCodecs(section));
}

function entries(section: Section, codecs: readonly Codec[]): Entry[] {
  return section.lines
    .filter(({ type }) => type !== '')
    .map((line) => {
      const { name, payloadType } = attributeSubject(line);
      const codec = codecs.find((candidate) => candidate.payloadType === payloadType);
      return { text: `${line.type}=${line.value}`, name, codec: codec ? `${codec.encoding.toLowerCase()}/${codec.clockRate}` : null };
    });
}

function explainSection(before: readonly Entry[], after: readonly Entry[]): Explanation[] {
  const unmatched = [...after];
  const explained = before.map((entry): Explanation => {
    const counterpart = take(unmatched, entry);
    if (!counterpart) return { action: 'removed', line: entry.text, was: null, why: why(entry, 'removed') };
    if (counterpart.text === entry.text) return { action: 'kept', line: entry.text, was: null, why: '' };
    return { action: 'changed', line: counterpart.text, was: entry.text, why: why(entry, 'changed') };
  });
  const added = unmatched.map((entry): Explanation => ({ action: 'added', line: entry.text, was: null, why: why(entry, 'added') }));
  return [...explained, ...added];
}

/** Removes from `entries` the same line as `entry`, or else the first about the same. */
function take(entries: Entry[], entry: Entry): Entry | undefined {
  const same = entries.findIndex(({ text }) => text === entry.text);
  const at = same >= 0 ? same : entries.findIndex(({ name, codec }) => name === entry.name && codec === entry.codec);
  return at < 0 ? undefined : entries.splice(at, 1)[0];
}

const ice = 'ICE is between the browser and the gateway alone (RFC 8839)';
const dtls = 'DTLS-SRTP is between the browser and the gateway alone (RFC 8842)';
const extension = 'RTP header extensions end at the gateway (RFC 8285)';
const stream = 'names of media streams are for the browser alone (RFC 8830)';

/** One sentence for each subject: true of what is taken away from one side and of what is put in for the other. */
const reasons = new Map<string, string>([
  ['o', 'each side has a session of its own with the gateway (RFC 8866 section 5.2)'],
  ['s', 'each side has a session of its own with the gateway (RFC 8866 section 5.3)'],
  ['c', 'media goes to the relay, not to the other side (RFC 8866 section 5.7)'],
  ['b', 'bandwidth was meant for the other path (RFC 8866 section 5.8)'],
  ['m', "the relay's port, this side's profile, the codecs in common; a refused line has port 0 (RFC 3264 section 6)"],
  ['direction', 'what may flow, within what was offered (RFC 3264 section 6.1)'],
  ['ptime', 'media is passed on packet by packet, so the wish for packet times is too (RFC 8866 section 6.4)'],
  ['maxptime', 'media is passed on packet by packet, so the limit of packet times is too (RFC 8866 section 6.5)'],
  ['group', 'BUNDLE is between the browser and the gateway alone, and holds accepted lines only (RFC 9143)'],
  ['mid', 'mids name the m= lines towards the browser (RFC 5888, RFC 8829 section 5.2.1)'],
  ['bundle-only', 'BUNDLE is between the browser and the gateway alone, and holds accepted lines only (RFC 9143)'],
  ['candidate', ice],
  ['end-of-candidates', ice],
  ['ice-lite', ice],
  ['ice-ufrag', ice],
  ['ice-pwd', ice],
  ['ice-options', ice],
  ['remote-candidates', ice],
  ['fingerprint', dtls],
  ['setup', dtls],
  ['tls-id', dtls],
  ['crypto', 'SDES keys are not used: they would pass through every hop of signalling (RFC 4568)'],
  ['rtcp', 'RTCP is on the port after RTP towards a trunk, and on the same port towards a browser (RFC 3605, RFC 5761)'],
  ['rtcp-mux', 'a browser demands RTP and RTCP on one port, a trunk has two (RFC 5761)'],
  ['rtcp-rsize', 'RTCP ends at the gateway, which sends whole reports (RFC 5506)'],
  ['rtcp-xr', 'RTCP ends at the gateway (RFC 3611)'],
  ['rtcp-fb', 'RTCP ends at the gateway; feedback is for video (RFC 4585)'],
  ['extmap', extension],
  ['extmap-allow-mixed', extension],
  ['msid', stream],
  ['msid-semantic', stream],
  ['ssrc', 'the relay sends a source of its own (RFC 5576)'],
  ['ssrc-group', 'the relay sends a source of its own (RFC 5576)'],
]);

function why({ name, codec }: Entry, action: Explanation['action']): string {
  if (codec === null || name === 'rtcp-fb') return reasons.get(name) ?? 'means nothing to the other side';
  if (action === 'removed') {
    if (codec === 'cn/8000') return 'comfort noise would make a browser stop sending in pauses (RFC 3389)';
    return 'not among the codecs that both sides may use: nothing is transcoded';
  }
  if (codec.startsWith('telephone-event')) return 'digits as events, under the number of this side (RFC 4733)';
  if (action === 'changed') return 'the same codec under the number of this side (RFC 3264 section 6.1)';
  return 'said for every payload type (RFC 3264 section 5.1)';
}
