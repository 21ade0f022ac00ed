import { describe, expect, test } from 'vitest';
import type { MediaDescription, Section } from '../../../src/sdp/description.ts';
import { parseDescription } from '../../../src/sdp/parse.ts';
import {
  attribute,
  attributeSubject,
  attributes,
  hasAttribute,
  readBundle,
  readCodecs,
  readConnection,
  readDirection,
  readFingerprints,
  readIce,
  readMilliseconds,
  readRtcp,
  readSetup,
} from '../../../src/sdp/parse-audio.ts';

/** A description with these session lines, this m= line and these lines behind it. */
function describeAudio(
  media: readonly string[],
  session: readonly string[] = [],
  mLine = 'm=audio 9 RTP/AVP 0',
): [MediaDescription, Section] {
  const lines = ['v=0', 'o=- 1 1 IN IP4 192.0.2.1', 's=-', ...session, mLine, ...media];
  const description = parseDescription(`${lines.join('\r\n')}\r\n`);
  const [audio] = description.media;
  if (!audio) throw new Error('no m= line');
  return [audio, description.session];
}

const sha256 = Array.from({ length: 32 }, () => 'ab').join(':');

test('attributes by name, as values or as properties', () => {
  const [media] = describeAudio(['a=mid:0', 'a=rtcp-mux', 'a=candidate:1', 'a=candidate:2', 'a=middle:3', 'b=mid:9']);
  expect(attribute(media, 'mid')).toBe('0');
  expect(attributes(media, 'candidate')).toEqual(['1', '2']);
  expect([hasAttribute(media, 'rtcp-mux'), hasAttribute(media, 'rtcp'), hasAttribute(media, '__proto__')]).toEqual([true, false, false]);
});

describe('codecs', () => {
  const codecs = (formats: string, ...lines: string[]) => readCodecs(describeAudio(lines, [], `m=audio 9 RTP/AVP ${formats}`)[0]);

  test('in the order of the m= line, with rtpmap and fmtp', () => {
    expect(codecs('8 111', 'a=fmtp:111 minptime=10; useinbandfec=1', 'a=rtpmap:111 opus/48000/2', 'a=rtpmap:8 PCMA/8000')).toEqual([
      { payloadType: 8, encoding: 'PCMA', clockRate: 8000, channels: 1, fmtp: null },
      { payloadType: 111, encoding: 'opus', clockRate: 48000, channels: 2, fmtp: 'minptime=10; useinbandfec=1' },
    ]);
  });

  test('of the static numbers without rtpmap', () => {
    expect(codecs('0 3 8 9 13 18').map(({ encoding }) => encoding)).toEqual(['PCMU', 'GSM', 'PCMA', 'G722', 'CN', 'G729']);
  });

  test('a rtpmap overrides a static number', () => {
    expect(codecs('0', 'a=rtpmap:0 PCMA/8000')[0]?.encoding).toBe('PCMA');
  });

  test('one channel may be said or not', () => {
    expect(codecs('9', 'a=rtpmap:9 G722/8000/1')).toEqual(codecs('9'));
  });

  test.each([
    ['96', 'a dynamic number without rtpmap'],
    ['128', 'a number out of range'],
    ['*', 'no number'],
    ['97', 'a rtpmap without clock', 'a=rtpmap:97 telephone-event'],
    ['97', 'a rtpmap of clock 0', 'a=rtpmap:97 opus/0/2'],
    ['97', 'an endless clock', 'a=rtpmap:97 opus/99999999999'],
    ['97', 'no channels', 'a=rtpmap:97 opus/48000/0'],
    ['97', 'an empty name', 'a=rtpmap:97 /8000'],
    ['97', 'nothing behind the number', 'a=rtpmap:97'],
    ['97', 'the rtpmap of another number', 'a=rtpmap:98 opus/48000/2'],
  ])('%s is left out: %s', (format, _, ...lines) => {
    expect(codecs(format, ...lines)).toEqual([]);
  });

  test('a number counts once, and its first rtpmap', () => {
    expect(codecs('96 96', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:96 PCMA/8000')).toHaveLength(1);
    expect(codecs('96 96', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:96 PCMA/8000')[0]?.encoding).toBe('opus');
  });
});

test('the direction of the section, else of the session, else sendrecv', () => {
  expect(readDirection(...describeAudio([], []))).toBe('sendrecv');
  expect(readDirection(...describeAudio([], ['a=inactive']))).toBe('inactive');
  expect(readDirection(...describeAudio(['a=sendonly'], ['a=sendrecv']))).toBe('sendonly');
  expect(readDirection(...describeAudio(['a=sendonly:x', 'a=recvonly']))).toBe('recvonly');
});

test('the connection of the section, else of the session', () => {
  expect(readConnection(...describeAudio(['c=IN IP4 192.0.2.7'], ['c=IN IP4 192.0.2.8']))).toBe('192.0.2.7');
  expect(readConnection(...describeAudio([], ['c=IN IP6 2001:db8::1']))).toBe('2001:db8::1');
  expect(readConnection(...describeAudio(['c=IN IP4 233.252.0.1/127/3']))).toBe('233.252.0.1');
  expect(readConnection(...describeAudio(['c=IN IP4 phone.example.com']))).toBe('phone.example.com');
  for (const c of ['c=FOO IP4 192.0.2.1', 'c=IN IP4', 'c=', 'c=ATM NSAP 47']) expect(readConnection(...describeAudio([c]))).toBeUndefined();
  expect(readConnection(...describeAudio([]))).toBeUndefined();
});

test('RTCP goes to the next port unless a=rtcp says otherwise', () => {
  const rtp = { host: '192.0.2.1', port: 30000 };
  const rtcp = (...lines: string[]) => readRtcp(describeAudio(lines)[0], rtp);
  expect(rtcp()).toEqual({ host: '192.0.2.1', port: 30001 });
  expect(rtcp('a=rtcp:4000')).toEqual({ host: '192.0.2.1', port: 4000 });
  expect(rtcp('a=rtcp:4000 IN IP4 192.0.2.9')).toEqual({ host: '192.0.2.9', port: 4000 });
  expect(rtcp('a=rtcp:4000 IN IP6 2001:db8::1')).toEqual({ host: '2001:db8::1', port: 4000 });
  for (const value of ['4000 IN IP4 abc.local', '4000 IN IP4 0.0.0.0', '0', 'x', '65536', '']) expect(rtcp(`a=rtcp:${value}`)).toBeNull();
  expect(readRtcp(describeAudio([])[0], { host: '192.0.2.1', port: 65535 })).toBeNull();
});

test('packet times from 1 to 1000 ms', () => {
  const ptime = (value: string) => readMilliseconds(describeAudio([`a=ptime:${value}`])[0], 'ptime');
  expect([ptime('20'), ptime('1'), ptime('1000')]).toEqual([20, 1, 1000]);
  for (const value of ['0', '-20', '1001', '4294967316', '20.5', 'x', '']) expect(ptime(value)).toBeNull();
  expect(readMilliseconds(describeAudio(['a=maxptime:60'])[0], 'maxptime')).toBe(60);
});

describe('transport attributes', () => {
  const pwd = 'p'.repeat(22);

  test('ICE credentials: the section before the session, whole and of legal length', () => {
    const ice = (media: string[], session: string[] = []) => readIce(describeAudio(media, session));
    const both = (ufrag: string, password = pwd): string[] => [`a=ice-ufrag:${ufrag}`, `a=ice-pwd:${password}`];
    expect(ice(both('abcd'), both('wxyz'))).toEqual({ ufrag: 'abcd', pwd });
    expect(ice([], both('wxyz'))).toEqual({ ufrag: 'wxyz', pwd });
    expect(ice(both('u'.repeat(256), 'p'.repeat(256)))?.ufrag).toHaveLength(256);
    expect(ice(both('a+/9'))).not.toBeNull();
    for (const ufrag of ['abc', 'u'.repeat(257), 'ab cd', 'ab:cd', '']) expect(ice(both(ufrag))).toBeNull();
    for (const password of ['p'.repeat(21), 'p'.repeat(257)]) expect(ice(both('abcd', password))).toBeNull();
    expect(ice(['a=ice-ufrag:abcd'])).toBeNull();
    expect(ice([])).toBeNull();
  });

  test('fingerprints: all strong ones of the section, else of the session', () => {
    const prints = (media: string[], session: string[] = []) => readFingerprints(describeAudio(media, session));
    const value = sha256.toUpperCase();
    expect(prints([`a=fingerprint:SHA-256 ${sha256}`])).toEqual([{ algorithm: 'sha-256', value }]);
    expect(prints([], [`a=fingerprint:sha-256 ${sha256}`])).toEqual([{ algorithm: 'sha-256', value }]);
    const sha512 = `${sha256}:${sha256}`;
    const both = prints([`a=fingerprint:sha-512 ${sha512}`, `a=fingerprint:sha-256 ${sha256}`], ['a=fingerprint:sha-256 00']);
    expect(both.map(({ algorithm }) => algorithm)).toEqual(['sha-512', 'sha-256']);
    for (const text of ['sha-256', `sha-256 ${sha256}:ab`, 'sha-1 AB', `md5 ${sha256}`, `sha-256 ${sha256.replace('ab', 'xy')}`, ''])
      expect(prints([`a=fingerprint:${text}`])).toEqual([]);
    // A section that has only a weak one does not fall back on the session's.
    expect(prints([`a=fingerprint:sha-1 ${sha256}`], [`a=fingerprint:sha-256 ${sha256}`])).toEqual([]);
  });

  test('setup', () => {
    expect(readSetup(describeAudio(['a=setup:active'], ['a=setup:passive']))).toBe('active');
    expect(readSetup(describeAudio([], ['a=setup:passive']))).toBe('passive');
    expect(readSetup(describeAudio(['a=setup:nonsense']))).toBeNull();
    expect(readSetup(describeAudio([]))).toBeNull();
  });

  test('the BUNDLE group of a mid', () => {
    const bundle = (mid: string | undefined, ...session: string[]) => readBundle(describeAudio([], session)[1], mid);
    expect(bundle('1', 'a=group:LS 1 2', 'a=group:BUNDLE 0 1')).toEqual(['0', '1']);
    expect(bundle('2', 'a=group:BUNDLE 0 1')).toEqual([]);
    expect(bundle('0', 'a=group:BUNDLE')).toEqual([]);
    expect(bundle(undefined, 'a=group:BUNDLE 0')).toEqual([]);
  });
});

test('what a line is about', () => {
  const subject = (type: string, value: string) => attributeSubject({ type, value, end: '\r\n' });
  expect(subject('m', 'audio 9 RTP/AVP 0')).toEqual({ name: 'm', payloadType: null });
  expect(subject('a', 'sendonly')).toEqual({ name: 'direction', payloadType: null });
  expect(subject('a', 'rtpmap:111 opus/48000/2')).toEqual({ name: 'rtpmap', payloadType: 111 });
  expect(subject('a', 'rtcp-fb:* nack')).toEqual({ name: 'rtcp-fb', payloadType: null });
  expect(subject('a', 'candidate:1 1 udp')).toEqual({ name: 'candidate', payloadType: null });
});
