/**
 * What a description of the gateway must and must not contain, checked from its text alone. It shares no code with src/sdp: a
 * mistake in reading cannot hide a mistake in writing.
 */

interface Media {
  readonly kind: string;
  readonly port: number;
  readonly protocol: string;
  readonly formats: readonly string[];
  readonly lines: readonly string[];
}

interface Parsed {
  readonly session: readonly string[];
  readonly media: readonly Media[];
}

export interface RuleContext {
  readonly kind: 'offer' | 'answer';
  /** The offer that an answer answers. */
  readonly offer?: string;
}

/** What is wrong with a description towards a trunk; empty when nothing is. */
export function trunkViolations(sdp: string, context: RuleContext): string[] {
  const violations = wellFormed(sdp);
  const must = demand(violations);
  const parsed = parse(sdp);
  must(Buffer.byteLength(sdp) < 900, `${Buffer.byteLength(sdp)} bytes are too many for a datagram`);
  must(!/\.local|\.invalid|candidate|ice-|fingerprint|setup:|crypto/i.test(sdp), 'something of the browser shows');
  must(parsed.session.map((line) => line[0]).join('') === 'vosct', `the session has other lines than v o s c t: ${parsed.session}`);
  const live = parsed.media.filter((media) => media.port !== 0);
  must(live.length === 1, `${live.length} m= lines are open`);
  for (const media of parsed.media) if (media.port === 0) must(media.lines.length === 1, `the refused ${media.kind} has attributes`);
  for (const media of live) checkTrunkAudio(media, context, must);
  if (context.offer !== undefined) checkAnswer(parsed, parse(context.offer), must);
  return violations;
}

function checkTrunkAudio(media: Media, context: RuleContext, must: Demand): void {
  must(media.kind === 'audio', `${media.kind} is open`);
  must(media.port % 2 === 0, 'the RTP port is odd');
  must(/^RTP\/AVPF?$/.test(media.protocol), `profile ${media.protocol}`);
  const allowed = /^a=(rtpmap:|fmtp:|ptime:|maxptime:|(sendrecv|sendonly|recvonly|inactive)$)/;
  for (const line of media.lines.slice(1)) must(allowed.test(line), `${line} does not belong towards a trunk`);
  if (context.kind === 'offer') {
    const known = new Set(['0', '8', '9', '101', '110', '111']);
    for (const format of media.formats) must(known.has(format), `payload type ${format} is offered`);
  }
  checkCodecs(media, must);
}

/** What is wrong with a description towards a browser; empty when nothing is. */
export function browserViolations(sdp: string, context: RuleContext): string[] {
  const violations = wellFormed(sdp);
  const must = demand(violations);
  const parsed = parse(sdp);
  const types = parsed.session.map((line) => line[0]).join('');
  must(/^vosta*$/.test(types), `the session lines are ${types}`);
  must(parsed.session.includes('a=ice-lite'), 'no a=ice-lite at session level');
  must(!/^a=(extmap|rtcp-fb|rtcp-rsize|rtcp:|crypto|bundle-only|ssrc-group)/m.test(sdp), 'an attribute that promises more than is done');
  const live = parsed.media.filter((media) => media.port !== 0);
  must(live.length === 1, `${live.length} m= lines are open`);
  for (const media of parsed.media) checkBrowserMedia(media, context, must);
  checkBundle(parsed, context, must);
  if (context.offer !== undefined) checkBrowserAnswer(parsed, parse(context.offer), must);
  return violations;
}

function checkBrowserMedia(media: Media, context: RuleContext, must: Demand): void {
  must(values(media, 'c=').length === 1, `${media.kind} has no c= line of its own`);
  if (media.port === 0) {
    must(values(media, 'a=candidate:').length === 0, 'a refused m= line has candidates');
    must(media.lines.includes('a=inactive'), 'a refused m= line is not inactive');
    return;
  }
  must(media.kind === 'audio', `${media.kind} is open`);
  must(/^((UDP|TCP)\/D?TLS\/)?RTP\/SAVPF?$/.test(media.protocol), `profile ${media.protocol}`);
  if (context.kind === 'offer') must(media.protocol === 'UDP/TLS/RTP/SAVPF', `an offer of profile ${media.protocol}`);
  must(media.lines.includes('a=rtcp-mux'), 'no a=rtcp-mux');
  const setup = values(media, 'a=setup:').join();
  must(context.kind === 'offer' ? setup === 'actpass' : /^(active|passive)$/.test(setup), `a=setup:${setup} in an ${context.kind}`);
  must(/^sha-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(values(media, 'a=fingerprint:').join()), 'no sha-256 fingerprint');
  must(/^[A-Za-z0-9+/]{4,256}$/.test(values(media, 'a=ice-ufrag:').join()), 'no ufrag');
  must(/^[A-Za-z0-9+/]{22,256}$/.test(values(media, 'a=ice-pwd:').join()), 'no pwd');
  const candidates = values(media, 'a=candidate:');
  must(candidates.length > 0, 'no candidate');
  for (const candidate of candidates) must(/^\S+ 1 udp \d+ [0-9a-fA-F.:]+ \d+ typ host$/.test(candidate), `candidate ${candidate}`);
  must(media.lines.includes('a=end-of-candidates'), 'no a=end-of-candidates');
  must(values(media, 'a=msid:').length === 1, 'not one a=msid');
  must(values(media, 'a=ssrc:').length === 1 && /^\d+ cname:\S+$/.test(values(media, 'a=ssrc:').join()), 'not one a=ssrc with cname');
  must(!/^a=rtpmap:\d+ (CN|red)\//im.test(media.lines.join('\n')) && !media.formats.includes('13'), 'comfort noise or red');
  checkCodecs(media, must);
}

function checkBundle(parsed: Parsed, context: RuleContext, must: Demand): void {
  const groups = parsed.session.filter((line) => line.startsWith('a=group:'));
  const open = parsed.media.filter((media) => media.port !== 0).flatMap((media) => values(media, 'a=mid:'));
  const offered = context.offer === undefined || new RegExp(`^a=group:BUNDLE.* ${open[0]}( |\r?$)`, 'm').test(context.offer);
  const expected = offered && open.length > 0 ? [`a=group:BUNDLE ${open.join(' ')}`] : [];
  must(groups.join() === expected.join(), `BUNDLE is "${groups}" and should be "${expected}"`);
}

function checkBrowserAnswer(answer: Parsed, offer: Parsed, must: Demand): void {
  checkAnswer(answer, offer, must);
  for (const [index, media] of answer.media.entries()) {
    const offered = offer.media[index];
    if (!offered) continue;
    must(values(media, 'a=mid:').join() === values(offered, 'a=mid:').join(), `the mid of m= line ${index} is another`);
    const setups = [
      ...values(offered, 'a=setup:'),
      ...offer.session.filter((line) => line.startsWith('a=setup:')).map((line) => line.slice(8)),
    ];
    if (media.port !== 0) must(values(media, 'a=setup:')[0] === (setups[0] === 'passive' ? 'active' : 'passive'), 'the wrong DTLS role');
  }
}

/** RFC 3264 section 6. */
function checkAnswer(answer: Parsed, offer: Parsed, must: Demand): void {
  const shape = ({ media }: Parsed): string => media.map(({ kind, protocol }) => `${kind} ${protocol}`).join(', ');
  must(shape(answer) === shape(offer), `m= lines [${shape(answer)}] answer [${shape(offer)}]`);
  for (const [index, media] of answer.media.entries()) {
    const offered = offer.media[index];
    if (!offered || media.port === 0) continue;
    for (const format of media.formats) {
      must(offered.formats.includes(format), `payload type ${format} was not offered`);
      const meaning = rtpmap(offered, format);
      if (meaning !== undefined) must(sameMeaning(meaning, rtpmap(media, format)), `payload type ${format} means something else`);
    }
    const [mine, theirs] = [direction(media, answer), direction(offered, offer)];
    must(!flows(mine).send || flows(theirs).receive, `${mine} answers ${theirs}`);
    must(!flows(mine).receive || flows(theirs).send, `${mine} answers ${theirs}`);
  }
}

function checkCodecs(media: Media, must: Demand): void {
  const clocks = new Set<string>();
  for (const format of media.formats) {
    const map = rtpmap(media, format);
    must(map !== undefined, `payload type ${format} has no a=rtpmap`);
    if (map && !/^telephone-event/i.test(map)) clocks.add(map.split('/')[1] ?? '');
  }
  must(clocks.size > 0, 'no audio codec');
  must(new Set(media.formats).size === media.formats.length, 'a payload type stands twice');
  for (const line of media.lines) {
    const format = /^a=(?:rtpmap|fmtp):(\d+) /.exec(line)?.[1];
    if (format !== undefined) must(media.formats.includes(format), `${line} speaks of a payload type that is not there`);
    const clock = /^a=rtpmap:\d+ telephone-event\/(\d+)/i.exec(line)?.[1];
    if (clock !== undefined) must(clocks.has(clock), `telephone-event/${clock} without audio of that clock`);
  }
  must(media.lines.filter((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line)).length === 1, 'not one direction');
}

type Demand = (holds: boolean, complaint: string) => void;

function demand(violations: string[]): Demand {
  return (holds, complaint) => {
    if (!holds) violations.push(complaint);
  };
}

function wellFormed(sdp: string): string[] {
  const violations: string[] = [];
  if (!/^(?:[a-z]=[\x20-\x7e]+\r\n)+$/.test(sdp)) violations.push('lines are not plain x=... ended by CRLF');
  if (!/^v=0\r\no=- \d{1,19} \d{1,19} IN IP[46] [0-9a-fA-F.:]+\r\ns=-\r\n/.test(sdp))
    violations.push('v=, o= and s= are not as they should be');
  return violations;
}

function parse(sdp: string): Parsed {
  const [session = '', ...sections] = sdp.split(/^(?=m=)/m);
  const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== '');
  return {
    session: lines(session),
    media: sections.map((text) => {
      const [kind = '', port = '', protocol = '', ...formats] = (lines(text)[0] ?? '').slice(2).split(/ +/);
      return { kind, port: Number.parseInt(port, 10), protocol, formats, lines: lines(text) };
    }),
  };
}

function values(media: Media, prefix: string): string[] {
  return media.lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length));
}

function rtpmap(media: Media, format: string): string | undefined {
  const prefix = `a=rtpmap:${format} `;
  return media.lines.find((line) => line.startsWith(prefix))?.slice(prefix.length);
}

function sameMeaning(a: string, b: string | undefined): boolean {
  const plain = (text: string): string => text.toLowerCase().replace(/\/1$/, '');
  return b !== undefined && plain(a) === plain(b);
}

function direction(media: Media, { session }: Parsed): string {
  const found = [...media.lines, ...session].find((line) => /^a=(sendrecv|sendonly|recvonly|inactive)$/.test(line));
  return found?.slice(2) ?? 'sendrecv';
}

function flows(name: string): { send: boolean; receive: boolean } {
  return { send: /^send/.test(name), receive: /recv/.test(name) };
}
