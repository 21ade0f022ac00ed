/** What the lines of an m=audio section say, as values. Attributes that do not parse count as absent. */

import { isIpAddress, isWildcard, parsePort, type SocketAddress } from '../base/address.ts';
import type { Codec, Direction, Fingerprint, IceCredentials, Line, MediaDescription, Section, Setup } from './description.ts';
import { parseNumber, words } from './parse.ts';

/** The values of `a=name:value` in a section, in order; '' for a property attribute `a=name`. */
export function attributes(section: Section, name: string): string[] {
  const values: string[] = [];
  for (const line of section.lines) {
    const value = attributeValue(line, name);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/** The first of them. */
export function attribute(section: Section, name: string): string | undefined {
  for (const line of section.lines) {
    const value = attributeValue(line, name);
    if (value !== undefined) return value;
  }
  return undefined;
}

function attributeValue({ type, value }: Line, name: string): string | undefined {
  if (type !== 'a' || !value.startsWith(name)) return undefined;
  if (value.length === name.length) return '';
  return value.charAt(name.length) === ':' ? value.slice(name.length + 1) : undefined;
}

export function hasAttribute(section: Section, name: string): boolean {
  return attribute(section, name) !== undefined;
}

// RFC 3551 section 6: what a number means when no a=rtpmap says it.
const staticFormats = new Map<number, string>([
  [0, 'PCMU/8000'],
  [3, 'GSM/8000'],
  [4, 'G723/8000'],
  [8, 'PCMA/8000'],
  [9, 'G722/8000'],
  [13, 'CN/8000'],
  [15, 'G728/8000'],
  [18, 'G729/8000'],
]);

/** The codecs of an m= line in its order; a number without a readable a=rtpmap and without a static meaning is left out. */
export function readCodecs(media: MediaDescription): Codec[] {
  const rtpmaps = byPayloadType(attributes(media, 'rtpmap'));
  const fmtps = byPayloadType(attributes(media, 'fmtp'));
  const codecs = new Map<number, Codec>();
  for (const format of media.formats) {
    const payloadType = parseNumber(format, 127);
    if (payloadType === null || codecs.has(payloadType)) continue;
    const rtpmap = rtpmaps.get(payloadType) ?? staticFormats.get(payloadType);
    const codec = rtpmap === undefined ? undefined : readRtpmap(payloadType, rtpmap, fmtps.get(payloadType) ?? null);
    if (codec) codecs.set(payloadType, codec);
  }
  return [...codecs.values()];
}

function byPayloadType(values: readonly string[]): Map<number, string> {
  const map = new Map<number, string>();
  for (const value of values) {
    const space = value.indexOf(' ');
    const payloadType = parseNumber(value.slice(0, Math.max(space, 0)), 127);
    if (payloadType !== null && !map.has(payloadType)) map.set(payloadType, value.slice(space + 1).trim());
  }
  return map;
}

/** `encoding/clock[/channels]` (RFC 8866 section 6.6). */
function readRtpmap(payloadType: number, rtpmap: string, fmtp: string | null): Codec | undefined {
  const [encoding, clock, channelText] = rtpmap.split('/');
  const clockRate = parseNumber(clock, 0x7fffffff);
  const channels = channelText === undefined ? 1 : parseNumber(channelText, 255);
  if (!encoding || !clockRate || !channels) return undefined;
  return { payloadType, encoding, clockRate, channels, fmtp };
}

const directions: readonly Direction[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** RFC 8866 section 6.7: the section's own, else the session's, else sendrecv. */
export function readDirection(media: Section, session: Section): Direction {
  for (const section of [media, session]) {
    for (const line of section.lines) {
      const direction = line.type === 'a' && directions.find((known) => known === line.value);
      if (direction) return direction;
    }
  }
  return 'sendrecv';
}

const formatAttributes = ['rtpmap', 'fmtp', 'rtcp-fb'];

/** What a line is about: its type, for an attribute its name ("direction" for the four of them) and the payload type it speaks of. */
export function attributeSubject({ type, value }: Line): { name: string; payloadType: number | null } {
  if (type !== 'a') return { name: type, payloadType: null };
  if (directions.some((direction) => direction === value)) return { name: 'direction', payloadType: null };
  const [name = '', rest = ''] = value.split(/:(.*)/s);
  return { name, payloadType: formatAttributes.includes(name) ? parseNumber(words(rest)[0], 127) : null };
}

/** The IP literal or host name of the c= line in force; undefined when there is none that is Internet (RFC 8866 section 5.7). */
export function readConnection(media: Section, session: Section): string | undefined {
  const line = [...media.lines, ...session.lines].find(({ type }) => type === 'c');
  const [network, , address] = words(line?.value ?? '');
  // A multicast address may carry "/ttl/count".
  return network === 'IN' ? address?.split('/', 1)[0] : undefined;
}

/** Where RTCP goes: a=rtcp (RFC 3605), else the next port. null when that is no address to send to. */
export function readRtcp(media: Section, rtp: SocketAddress): SocketAddress | null {
  const [portText = '', , , address = rtp.host] = words(attribute(media, 'rtcp') ?? String(rtp.port + 1));
  const port = parsePort(portText);
  return port && isIpAddress(address) && !isWildcard(address) ? { host: address, port } : null;
}

export function readMilliseconds(media: Section, name: 'ptime' | 'maxptime'): number | null {
  return parseNumber(attribute(media, name), 1000) || null;
}

/** The first of `sections` that names both halves decides (RFC 8839 section 5.4: ufrag 4-256, pwd 22-256 ice-chars). */
export function readIce(sections: readonly Section[]): IceCredentials | null {
  for (const section of sections) {
    const ufrag = attribute(section, 'ice-ufrag');
    const pwd = attribute(section, 'ice-pwd');
    if (ufrag === undefined || pwd === undefined) continue;
    return /^[A-Za-z0-9+/]{4,256}$/.test(ufrag) && /^[A-Za-z0-9+/]{22,256}$/.test(pwd) ? { ufrag, pwd } : null;
  }
  return null;
}

// Bytes of the hashes strong enough to hold a certificate to; MD5, MD2 (RFC 8122 section 5) and SHA-1 are not.
const hashLengths = new Map<string, number>([
  ['sha-256', 32],
  ['sha-384', 48],
  ['sha-512', 64],
]);

/** The fingerprints of the first of `sections` that has any (RFC 8122 section 5), without those of unknown or weak hashes. */
export function readFingerprints(sections: readonly Section[]): Fingerprint[] {
  const section = sections.find((candidate) => hasAttribute(candidate, 'fingerprint'));
  if (!section) return [];
  return attributes(section, 'fingerprint').flatMap((text) => {
    const [name = '', value = ''] = words(text);
    const algorithm = name.toLowerCase();
    const bytes = hashLengths.get(algorithm) ?? 0;
    const valid = value.length === 3 * bytes - 1 && /^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2})*$/.test(value);
    return valid ? [{ algorithm, value: value.toUpperCase() }] : [];
  });
}

const setups: readonly Setup[] = ['active', 'passive', 'actpass', 'holdconn'];

export function readSetup(sections: readonly Section[]): Setup | null {
  for (const section of sections) {
    const value = attribute(section, 'setup');
    if (value !== undefined) return setups.find((setup) => setup === value) ?? null;
  }
  return null;
}

/** The mids of the BUNDLE group that holds `mid` (RFC 9143), the tagged one first; empty when there is none. */
export function readBundle(session: Section, mid: string | undefined): string[] {
  if (mid === undefined) return [];
  for (const group of attributes(session, 'group')) {
    const [semantics, ...mids] = words(group);
    if (semantics === 'BUNDLE' && mids.includes(mid)) return mids;
  }
  return [];
}
