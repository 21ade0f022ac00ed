import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Pack, Packer, unpack } from '../../../src/trace/packer.ts';

const perDictionary = 500;

/** Long and without any repetition. */
function noise(start: number, words: number): string {
  return Array.from({ length: words }, (_, count) => Math.sin(start * 1000 + count).toString(36)).join(' ');
}

/** The same but for what is one call's own. */
function callText(call: number): string {
  return `${noise(1, 300)} ${noise(call + 2, 5)}`;
}

function packAll(packer: Packer, texts: readonly string[]): readonly Pack[] {
  return texts.map((text) => packer.pack(text));
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, count) => count);
}

describe('a pack', () => {
  test('holds the text it was made of, whatever was packed before and since', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 500 }), { maxLength: 10 }), (texts) => {
        expect(packAll(new Packer(), texts).map(unpack)).toEqual(texts);
      }),
    );
  });

  test('holds a text of any length', () => {
    const texts = [0, 1, 20_000, 65_535, 65_536, 65_537, 300_000].flatMap((length) => [
      'x'.repeat(length),
      '\u00fc\u{1f4de}'.repeat(length / 3),
    ]);
    expect(packAll(new Packer(), texts).map(unpack)).toEqual(texts);
  });

  test('of a text like one before takes a small part of the first', () => {
    const [first, second] = packAll(new Packer(), range(2).map(callText)) as [Pack, Pack];
    expect(second.octets.length).toBeLessThan(first.octets.length / 10);
  });

  test('is read with the dictionary of its time', () => {
    const texts = range(3 * perDictionary).map(callText);
    expect(packAll(new Packer(), texts).map(unpack)).toEqual(texts);
  });
});

describe('what is learned', () => {
  test('begins with short texts and becomes that of the long', () => {
    const packer = new Packer();
    packAll(
      packer,
      range(5).map((call) => noise(call + 2, 5)),
    );
    const [first, second] = packAll(packer, range(2).map(callText)) as [Pack, Pack];
    expect(second.octets.length).toBeLessThan(first.octets.length / 10);
  });

  test('is not for ever that of an unusual call', () => {
    const packer = new Packer();
    packer.pack(noise(0, 5000));
    const packs = packAll(packer, range(perDictionary + 10).map(callText));
    expect(packs.at(-1)?.octets.length).toBeLessThan((packs[0]?.octets.length ?? 0) / 10);
  });

  test('takes little beside the packs that need it, and less when all are alike', () => {
    const bytesLearned = (texts: readonly string[]): number => {
      const dictionaries = new Set(packAll(new Packer(), texts).map(({ dictionary }) => dictionary));
      return [...dictionaries].reduce((sum, { length }) => sum + length, 0);
    };
    const calls = range(4 * perDictionary);
    expect(bytesLearned(calls.map(callText))).toBeLessThan(4 * 16_384);
    expect(bytesLearned(calls.map((call) => noise(call, 30)))).toBeLessThan(4 * 32 * 16_384);
  });
});
