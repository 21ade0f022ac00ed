/** What changed between two descriptions. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DiffLine, diffLines } from '../../../../src/web/dashboard/ladder/line-diff.ts';

function print(diff: readonly DiffLine[]): string[] {
  const signs = { same: ' ', removed: '-', added: '+' } as const;
  return diff.map(({ kind, text }) => signs[kind] + text);
}

function side(diff: readonly DiffLine[], without: DiffLine['kind']): string[] {
  return diff.filter(({ kind }) => kind !== without).map(({ text }) => text);
}

const line = fc.constantFrom('v=0', 'a=sendrecv', 'm=audio 9', 'c=IN IP4 1.2.3.4', 'a=mid:0');

describe('the difference of two texts', () => {
  test('keeps common lines and tells removed ones before added ones', () => {
    expect(print(diffLines('v=0\r\na=ice-lite\r\nt=0 0\r\n', 'v=0\nt=0 0\na=ptime:20\n'))).toEqual([
      ' v=0',
      '-a=ice-lite',
      ' t=0 0',
      '+a=ptime:20',
    ]);
    expect(print(diffLines('a', 'b'))).toEqual(['-a', '+b']);
    expect(diffLines('', '')).toEqual([]);
  });

  test('holds both texts, in order, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(line), (before, after) => {
        const diff = diffLines(before.join('\n'), after.join('\n'));
        expect(side(diff, 'added')).toEqual(before);
        expect(side(diff, 'removed')).toEqual(after);
      }),
    );
  });

  test('of a text with itself is nothing', () => {
    fc.assert(fc.property(fc.array(line), (lines) => diffLines(lines.join('\n'), lines.join('\n')).every(({ kind }) => kind === 'same')));
  });

  test('is told in bounded time for texts without end', () => {
    const long = 'a=x\n'.repeat(100_000);
    expect(diffLines(long, long)).toHaveLength(200_000);
  });
});
