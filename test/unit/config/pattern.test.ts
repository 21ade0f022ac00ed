import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compilePattern } from '../../../src/config/pattern.ts';

describe('patterns that dial plans need are accepted', () => {
  test.each([
    '^\\+?[0-9]{3,15}$',
    '^alice$',
    '^(alice|bob)$',
    '.*',
    '^(?:\\d\\d)*$',
    '^(?<area>0[1-9])\\d+$',
    '^(?=\\+49)(?!.*#)',
    '[\\]*+(]',
    'a{b',
    '^9\\d+?$',
    '',
  ])('%s', (source) => {
    expect(compilePattern(source)).toBeInstanceOf(RegExp);
  });
});

describe('patterns that backtrack without bound are refused', () => {
  test.each(['(a+)+$', '(a|a)*$', '(a*)*', '(.*)(.*)(.*)x', '((a?){30}){30}', '(?:[0-9]+){2,}$', '(\\d+|\\w+)+', '(a{0,9}){0,9}b'])(
    '%s',
    (source) => {
      expect(compilePattern(source)).toMatch(/long/);
    },
  );
});

test('a pattern that does not compile says so', () => {
  expect(compilePattern('^(')).toBe('it does not compile');
  expect(compilePattern('a**')).toBe('it does not compile');
});

test('any string is either compiled or refused in words', () => {
  const piece = fc.constantFrom('a', '(', ')', '(?:', '(?<n>', '[', ']', '^', '\\', '*', '+', '?', '{2}', '{1,', '}', '|', '.', '-', '9');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const result = compilePattern(pieces.join(''));
      expect(typeof result === 'string' || result instanceof RegExp).toBe(true);
    }),
    { numRuns: 3000 },
  );
});
