import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseChallenge, parseCredentials } from '../../../../src/sip/message/digest.ts';
import { parseNameAddr, printNameAddr } from '../../../../src/sip/message/name-addr.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { quoted, splitList, unquote } from '../../../../src/sip/message/scanner.ts';
import { SipError } from '../../../../src/sip/message/sip-error.ts';
import { StreamParser } from '../../../../src/sip/message/stream.ts';
import { decodeText, encodeText } from '../../../../src/sip/message/text.ts';
import { escapeUser, parseAnyUri, percentDecode, printAnyUri } from '../../../../src/sip/message/uri.ts';
import { validateRequest } from '../../../../src/sip/message/validate.ts';
import { parseVia, printVia } from '../../../../src/sip/message/via.ts';
import { captured, rfc4475, rfc5118 } from '../../../support/sip-fixtures.ts';

const corpus = [...captured('jssip'), ...captured('sipjs'), ...rfc4475(), ...rfc5118()].map(({ bytes }) => bytes);
const sample = fc.constantFrom(...corpus);
const binary = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

/** The value, or undefined if the parser refuses; anything but SipError fails the test. */
function attempt<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    expect(error).toBeInstanceOf(SipError);
    return undefined;
  }
}

/** Reads everything that can be read of a message. */
function read(bytes: Uint8Array): void {
  const message = attempt(() => parseMessage(bytes));
  if (!message) return;
  const { headers } = message;
  for (const accessor of ['contacts', 'routes', 'recordRoutes', 'paths', 'expires', 'contentType', 'fromTag', 'toTag'] as const) {
    attempt(() => headers[accessor]);
  }
  for (const name of ['Authorization', 'WWW-Authenticate']) {
    attempt(() => headers.getAll(name).map(parseCredentials));
    attempt(() => headers.getAll(name).map(parseChallenge));
  }
  if (message.kind === 'request') validateRequest(message);
  const printed = printMessage(message);
  expect(binary(printMessage(parseMessage(printed)))).toBe(binary(printed));
}

/** A message with some octets overwritten, removed or put in. */
const mutated = fc
  .tuple(sample, fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.uint8Array({ maxLength: 4 })), { minLength: 1, maxLength: 6 }))
  .map(([bytes, edits]) =>
    edits.reduce((result, [at, kind, inserted]) => {
      const from = at % (result.length + 1);
      const to = kind === 0 ? from : Math.min(result.length, from + (kind === 1 ? inserted.length : at % 40));
      return Buffer.concat([result.subarray(0, from), inserted, result.subarray(to)]);
    }, Buffer.from(bytes)),
  );

/** Text made of what SIP grammar is made of. */
const grammatical = fc
  .array(
    fc.constantFrom(
      'sip:',
      'a',
      'B',
      '@',
      ':',
      ';',
      '=',
      ',',
      '<',
      '>',
      '"',
      '\\',
      ' ',
      '\t',
      '%41',
      '%',
      '[::1]',
      '5060',
      '?',
      '/',
      'é',
      '*',
    ),
    {
      maxLength: 30,
    },
  )
  .map((parts) => parts.join(''));

test('arbitrary octets are refused with SipError or print to a fixed point', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), read));
});

test('damaged messages are refused with SipError or print to a fixed point', () => {
  fc.assert(fc.property(mutated, read), { numRuns: 2000 });
});

test('a message cut anywhere is refused with SipError or print to a fixed point', () => {
  for (const bytes of corpus.slice(0, 6)) for (let end = 0; end < bytes.length; end++) read(bytes.subarray(0, end));
  fc.assert(fc.property(sample, fc.nat(), (bytes, end) => read(bytes.subarray(0, end % (bytes.length + 1)))));
});

test('a stream never throws, whatever its octets and wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(mutated, sample), { maxLength: 4 }), fc.integer({ min: 1, max: 700 }), (messages, size) => {
      const parser = new StreamParser();
      const bytes = Buffer.concat(messages);
      const items = [];
      for (let at = 0; at < bytes.length; at += size) items.push(...parser.push(bytes.subarray(at, at + size)));
      expect(items.length).toBeLessThanOrEqual(bytes.length);
    }),
  );
});

test('text survives decoding and encoding, whatever its octets', () => {
  const octets = fc.oneof(
    fc.uint8Array(),
    fc.string({ unit: 'binary' }).map((text) => new Uint8Array(Buffer.from(text))),
  );
  fc.assert(
    fc.property(fc.array(octets), (parts) => {
      const bytes = Buffer.concat(parts);
      expect(encodeText(decodeText(bytes)).equals(bytes)).toBe(true);
    }),
  );
});

test('UTF-8 is decoded as such', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => decodeText(Buffer.from(text)) === text));
});

test.each([
  ['URI', (text: string) => printAnyUri(parseAnyUri(text))],
  ['name-addr', (text: string) => printNameAddr(parseNameAddr(text))],
  ['Via', (text: string) => printVia(parseVia(`SIP/2.0/WS ${text}`))],
])('print(parse(x)) of %s is a fixed point', (name, rewrite) => {
  const again = (text: string) => rewrite(name === 'Via' ? text.slice('SIP/2.0/WS '.length) : text);
  fc.assert(
    fc.property(fc.oneof(grammatical, fc.string()), (text) => {
      const printed = attempt(() => rewrite(text));
      if (printed !== undefined) expect(again(printed)).toBe(printed);
    }),
    { numRuns: 5000 },
  );
});

test('list elements, joined again, are the same elements', () => {
  fc.assert(
    fc.property(grammatical, (text) => {
      const elements = splitList(text.trim());
      if (elements.every((element) => splitList(element).length === 1)) expect(splitList(elements.join(', '))).toEqual(elements);
    }),
  );
});

test('quoting and escaping are undone by their inverse', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(unquote(quoted(text))).toBe(text.replaceAll(/[\r\n]/g, ' '));
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => percentDecode(escapeUser(text)) === text));
});
