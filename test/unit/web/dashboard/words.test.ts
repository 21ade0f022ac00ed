/** Numbers, times and strangers' text as they stand on the page. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flatten } from '../../../../src/web/dashboard/flatten.ts';
import { formatBytes, formatDuration, formatMos, formatOffset, formatShare, rateMos } from '../../../../src/web/dashboard/format.ts';
import { parseRoute, printRoute } from '../../../../src/web/dashboard/route.ts';
import { formatPeer, shorten, showHidden } from '../../../../src/web/dashboard/safe-text.ts';

test('durations and offsets', () => {
  expect([0, 7999, 754_000, 3_723_000, -5].map(formatDuration)).toEqual(['0:00', '0:07', '12:34', '1:02:03', '0:00']);
  expect([0, 12.4, 3400, 62_345, -20].map(formatOffset)).toEqual(['+0.000', '+0.012', '+3.400', '+1:02.345', '−0.020']);
});

test('sizes and shares', () => {
  expect([0, 999, 1000, 4_100_000, 999_960].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '4.1 MB', '1.0 MB']);
  expect([0, 0.004, 0.12, 1].map(formatShare)).toEqual(['0 %', '0.4 %', '12 %', '100 %']);
});

test('listening quality', () => {
  expect([null, 4.32, 1].map(formatMos)).toEqual(['–', '4.3', '1.0']);
  expect([null, 4.2, 3.5, 2].map(rateMos)).toEqual(['unknown', 'good', 'fair', 'poor']);
});

describe('text from strangers', () => {
  test('hides nothing and does not turn the line round', () => {
    expect(showHidden('a\u202egnp.exe\u0000\u200b\u2066')).toBe('a\\u202egnp.exe\\u0000\\u200b\\u2066');
    expect(showHidden('line\n\ttab <img>')).toBe('line\n\ttab <img>');
  });

  test('stays short, on one line, and never cuts a character in two', () => {
    expect(shorten('a\r\nb', 10)).toBe('a b');
    expect(shorten('A'.repeat(10_000), 40)).toBe(`${'A'.repeat(39)}…`);
    const unit = fc.constantFrom('a', '\n', '\u202e', '\u{1f600}');
    fc.assert(fc.property(fc.string({ unit }), (text) => !/[\p{Cs}\p{Cf}\n]/u.test(shorten(text, 8))));
  });

  test('addresses', () => {
    expect(
      [
        { host: '::1', port: 1 },
        { host: '1.2.3.4', port: 5 },
      ].map(formatPeer),
    ).toEqual(['[::1]:1', '1.2.3.4:5']);
  });
});

describe('the place in the dashboard', () => {
  test('is read from the address, and printed into it', () => {
    expect(parseRoute('#/calls/a%2Fb')).toMatchObject({ page: 'calls', id: 'a/b' });
    expect(parseRoute('#/records?user=al%20ice').query.get('user')).toBe('al ice');
    expect(printRoute('records', null, new URLSearchParams({ user: 'al ice' }))).toBe('#/records?user=al+ice');
    fc.assert(fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (id) => parseRoute(printRoute('calls', id)).id === id));
  });

  test('is the first page for anything else', () => {
    for (const hash of ['', '#', '#/nowhere', '#/__proto__', '#%']) expect(parseRoute(hash)).toMatchObject({ page: 'calls', id: null });
    expect(parseRoute('#/calls/%')).toMatchObject({ id: '%' });
  });
});

test('settings are listed by their path', () => {
  const settings = { http: null, media: { trunk: { ports: [1, 2] } }, users: [{ name: 'alice' }], trunks: [], origins: {} };
  expect(flatten(settings)).toEqual([
    ['http', 'null'],
    ['media.trunk.ports', '1, 2'],
    ['users[0].name', 'alice'],
    ['trunks', 'none'],
    ['origins', '{}'],
  ]);
});
