import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IntegerReader, IntegerWriter } from '../../../src/trace/integers.ts';

const writer = new IntegerWriter();

function print(values: readonly number[], before = ''): string {
  writer.begin(before);
  for (const value of values) writer.add(value);
  return writer.text;
}

function readAll(text: string): readonly number[] {
  const reader = new IntegerReader(text);
  const values: number[] = [];
  while (!reader.atEnd) values.push(reader.next());
  return values;
}

/** Of every length. */
const integer = fc.nat({ max: 53 }).chain((bits) => fc.integer({ min: -(2 ** bits) + 1, max: 2 ** bits - 1 }));

test('integers come out as they went in', () => {
  fc.assert(
    fc.property(fc.array(integer, { maxLength: 50 }), (values) => {
      expect(readAll(print(values))).toEqual(values);
    }),
  );
});

test('a text goes on from another one, however long', () => {
  fc.assert(
    fc.property(fc.array(integer, { maxLength: 1000 }), fc.array(integer, { maxLength: 1000 }), (before, values) => {
      expect(readAll(print(values, print(before)))).toEqual([...before, ...values]);
    }),
  );
});

test('each takes as many octets as it needs', () => {
  const edges = [0, 63, -63, 64, 8191, -8191, 8192, 2 ** 31, -(2 ** 32), Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER];
  expect(edges.map((value) => print([value]).length)).toEqual([1, 1, 1, 2, 2, 2, 3, 5, 5, 8, 8]);
  expect(readAll(print(edges))).toEqual(edges);
});

test('every character is an octet', () => {
  fc.assert(
    fc.property(fc.array(integer), (values) => {
      const text = print(values);
      expect(Buffer.from(text, 'latin1').toString('latin1')).toBe(text);
    }),
  );
});

test('a text that ends too early ends reading too', () => {
  const text = print([Number.MAX_SAFE_INTEGER]);
  expect(readAll(text.slice(0, 3))).toHaveLength(1);
});
