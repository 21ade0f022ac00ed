import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader, ByteWriter } from '../../../src/base/bytes.ts';
import { TruncatedError } from '../../../src/base/errors.ts';

const values = fc.record({
  u8: fc.nat(0xff),
  u16: fc.nat(0xffff),
  u24: fc.nat(0xffffff),
  u32: fc.nat(0xffffffff),
  raw: fc.uint8Array({ maxLength: 300 }),
});

test('what is written is read back, from a buffer that grows', () => {
  fc.assert(
    fc.property(values, ({ u8, u16, u24, u32, raw }) => {
      const bytes = new ByteWriter(1).u8(u8).u16(u16).u24(u24).u32(u32).raw(raw).view();
      const reader = new ByteReader(bytes);
      expect([reader.u8(), reader.u16(), reader.u24(), reader.u32()]).toEqual([u8, u16, u24, u32]);
      expect(reader.take(raw.length)).toEqual(raw);
      expect(reader.remaining).toBe(0);
    }),
  );
});

test('a length known only afterwards is patched in place', () => {
  const writer = new ByteWriter().u16(0).u8(7);
  expect([...writer.patchU16(0, 0x1234).view()]).toEqual([0x12, 0x34, 7]);
  expect(() => writer.patchU16(2, 1)).toThrow(TruncatedError);
});

test('reading past the end throws, and never moves', () => {
  const reader = new ByteReader(Uint8Array.of(1, 2, 3), 1, 2);
  expect(() => reader.u16()).toThrow(TruncatedError);
  expect(() => reader.take(-1)).toThrow(TruncatedError);
  expect(reader.u8()).toBe(2);
  expect(() => new ByteReader(new Uint8Array(2), 1, 3)).toThrow(TruncatedError);
});
