import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defaultLimits, parseDescription, parseNumber, words } from '../../../src/sdp/parse.ts';
import { printDescription, printLines } from '../../../src/sdp/print.ts';
import { SdpError } from '../../../src/sdp/sdp-error.ts';
import { allDescriptions } from '../../support/sdp-fixtures.ts';

const head = 'v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nt=0 0\r\n';

/** The description, or undefined where parsing refuses with its own error; any other error fails the test. */
function parsed(text: string): ReturnType<typeof parseDescription> | undefined {
  try {
    return parseDescription(text);
  } catch (error) {
    expect(error).toBeInstanceOf(SdpError);
    return undefined;
  }
}

describe('nothing is lost', () => {
  test.each(allDescriptions())('$name', ({ sdp }) => {
    expect(printDescription(parseDescription(sdp))).toBe(sdp);
  });

  test.each([
    ['bare line feeds', head.replaceAll('\r\n', '\n')],
    ['line ends of both kinds', head.replace('\r\n', '\n')],
    ['a last line without end', `${head}m=audio 9 RTP/AVP 0`],
    ['an empty line at the end', `${head}\r\n`],
    ['unknown types and attributes', `${head}x=y\r\na=:\r\na=\r\nZ=\r\n`],
    ['spaces where none belong', `${head}m=audio  9  RTP/AVP  0 \r\n`],
    ['a count of ports', `${head}m=audio 20348/2 RTP/AVP 0\r\n`],
    ['other languages', `${head}i=Gespräch 電話\r\n`],
  ])('%s', (_, text) => {
    expect(printDescription(parseDescription(text))).toBe(text);
  });

  test('whatever parses prints as it was', () => {
    const line = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('a=', 'm=audio 9 RTP/AVP 0', 'm=', 'c=IN IP4 192.0.2.1', 'a=mid:0', 'a=rtpmap:0 PCMU/8000'),
    );
    const text = fc.array(fc.tuple(line, fc.constantFrom('\r\n', '\n', ''))).map((lines) => head + lines.flat().join(''));
    fc.assert(
      fc.property(text, (sdp) => {
        const description = parsed(sdp);
        if (description) expect(printDescription(description)).toBe(sdp);
      }),
    );
  });
});

describe('what is no description is refused with 400', () => {
  test.each([
    ['nothing', ''],
    ['no version', 'o=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n'],
    ['another version', head.replace('v=0', 'v=1')],
    ['no origin', head.replace(/o=.*\r\n/, '')],
    ['a short origin', head.replace('IN IP4 192.0.2.1', '')],
    ['a line without type', `${head}=x\r\n`],
    ['a line without =', `${head}attribute\r\n`],
    ['a type of two letters', `${head}ab=c\r\n`],
    ['a NUL', `${head}a=x\0y\r\n`],
    ['a bare CR', `${head}a=x\ry\r\n`],
    ['an m= line without port', `${head}m=audio RTP/AVP 0\r\n`],
    ['a port that is none', `${head}m=audio 65536 RTP/AVP 0\r\n`],
    ['a negative port', `${head}m=audio -1 RTP/AVP 0\r\n`],
    ['an m= line without format', `${head}m=audio 9 RTP/AVP\r\n`],
    ['HTML', '<html></html>'],
  ])('%s', (_, text) => {
    expect(() => parseDescription(text)).toThrow(expect.objectContaining({ name: 'SdpError', status: 400 }));
  });

  test('arbitrary text and arbitrary bytes', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parsed(text)));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parsed(Buffer.from(bytes).toString('utf8'))));
    fc.assert(fc.property(fc.uint8Array(), (bytes) => void parsed(head + Buffer.from(bytes).toString('latin1'))));
  });

  test('every truncation', () => {
    const { sdp } = allDescriptions().find(({ name }) => name.endsWith('chromium-offer-audio.sdp')) ?? { sdp: '' };
    for (let length = 0; length < sdp.length; length += 1) {
      const cut = sdp.slice(0, length);
      const description = parsed(cut);
      if (description) expect(printDescription(description)).toBe(cut);
    }
  });
});

describe('limits', () => {
  const withLimits = (text: string, limits: object) => () => parseDescription(text, { ...defaultLimits, ...limits });

  test('of length, lines and media', () => {
    const text = `${head}m=audio 9 RTP/AVP 0\r\nm=video 9 RTP/AVP 31\r\n`;
    expect(withLimits(text, { maxLength: text.length, maxLines: 6, maxMedia: 2 })).not.toThrow();
    expect(withLimits(text, { maxLength: text.length - 1 })).toThrow(SdpError);
    expect(withLimits(text, { maxLines: 5 })).toThrow(SdpError);
    expect(withLimits(text, { maxMedia: 1 })).toThrow(SdpError);
  });

  test('the largest description is read in time, whatever is in it', () => {
    const fill = (line: string): string => head + line.repeat(Math.floor((defaultLimits.maxLength - head.length) / line.length));
    for (const line of [
      'a=\r\n',
      '\n',
      'm=audio 9 RTP/AVP 0\r\n',
      `a=${'x'.repeat(60)}\r\n`,
      `${'1 '.repeat(4000)}\r\n`,
      'a=a:'.repeat(30),
    ]) {
      parsed(fill(line));
    }
  });
});

test('an m= line is read with its section', () => {
  const { session, media } = parseDescription(`${head}a=x\r\nm=audio 20348/2 RTP/AVP 0 8\r\na=y\r\nm=video 0 RTP/AVP 31\r\n`);
  expect(session.lines.at(-1)).toEqual({ type: 'a', value: 'x', end: '\r\n' });
  expect(media.map(({ kind, port, protocol, formats }) => ({ kind, port, protocol, formats }))).toEqual([
    { kind: 'audio', port: 20348, protocol: 'RTP/AVP', formats: ['0', '8'] },
    { kind: 'video', port: 0, protocol: 'RTP/AVP', formats: ['31'] },
  ]);
  expect(media[0]?.lines.map(({ value }) => value)).toEqual(['audio 20348/2 RTP/AVP 0 8', 'y']);
});

test('words and numbers', () => {
  expect(words('  a  b c ')).toEqual(['a', 'b', 'c']);
  expect([parseNumber('0', 10), parseNumber('10', 10), parseNumber('11', 10)]).toEqual([0, 10, null]);
  for (const text of [undefined, '', '-1', '+1', '1.0', '1e3', '0x1', ' 1', '12345678901']) expect(parseNumber(text, 1e12)).toBeNull();
});

test('lines of our own end with CRLF', () => {
  expect(printLines(['v=0', 's=-'])).toBe('v=0\r\ns=-\r\n');
});
