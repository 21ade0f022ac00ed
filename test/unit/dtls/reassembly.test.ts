import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { HandshakeFragment, HandshakeMessage } from '../../../src/dtls/handshake-messages.ts';
import { Reassembly } from '../../../src/dtls/reassembly.ts';

function fragment(sequence: number, whole: Uint8Array, offset = 0, end = whole.length): HandshakeFragment {
  return { type: 11, length: whole.length, sequence, offset, body: whole.subarray(offset, end) };
}

function takeAll(inbox: Reassembly): HandshakeMessage[] {
  const messages: HandshakeMessage[] = [];
  for (let message = inbox.take(); message; message = inbox.take()) messages.push(message);
  return messages;
}

const body = Uint8Array.from({ length: 100 }, (_, i) => i);

describe('handshake messages', () => {
  test('come out whole and in order, however they were cut, swapped and repeated', () => {
    const bodies = fc.array(fc.uint8Array({ minLength: 0, maxLength: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(bodies, fc.integer({ min: 1, max: 20 }), fc.infiniteStream(fc.nat()), (wholes, size, choices) => {
        const pieces = wholes.flatMap((whole, sequence) => {
          const starts = Array.from({ length: Math.max(1, Math.ceil(whole.length / size)) }, (_, i) => i * size);
          return starts.map((start) => fragment(sequence, whole, start, Math.min(whole.length, start + size)));
        });
        const shuffled = [...pieces, ...pieces].map((piece) => ({ piece, key: choices.next().value })).sort((a, b) => a.key - b.key);
        const inbox = new Reassembly();
        const messages: HandshakeMessage[] = [];
        for (const { piece } of shuffled) {
          inbox.add(piece);
          messages.push(...takeAll(inbox));
        }
        expect(messages.map((message) => message.sequence)).toEqual(wholes.map((_, sequence) => sequence));
        expect(messages.map((message) => [...message.body])).toEqual(wholes.map((whole) => [...whole]));
      }),
    );
  });

  test('of no length are whole at once', () => {
    const inbox = new Reassembly();
    inbox.add(fragment(0, new Uint8Array(0)));
    expect(takeAll(inbox)).toHaveLength(1);
  });

  test('wait for the one before', () => {
    const inbox = new Reassembly();
    expect(inbox.add(fragment(1, body))).toBe('kept');
    expect(takeAll(inbox)).toEqual([]);
    inbox.add(fragment(0, body));
    expect(takeAll(inbox)).toHaveLength(2);
  });

  test('tell by the end of the latest one that the peer repeats itself', () => {
    const inbox = new Reassembly();
    inbox.add(fragment(0, body));
    inbox.add(fragment(1, body));
    takeAll(inbox);
    expect(inbox.add(fragment(0, body))).toBe('dropped');
    expect(inbox.add(fragment(1, body, 0, 50))).toBe('dropped');
    expect(inbox.add(fragment(1, body, 50))).toBe('repeated');
  });

  test.each([
    ['longer than any certificate', { ...fragment(0, body), length: 16_385 }],
    ['reaching past the end', { ...fragment(0, body), offset: 1 }],
    ['far ahead', fragment(8, body)],
  ])('that are %s are dropped', (_what, strange) => {
    expect(new Reassembly().add(strange)).toBe('dropped');
  });

  test('that change type or length on the way are dropped', () => {
    const inbox = new Reassembly();
    inbox.add(fragment(0, body, 0, 50));
    expect(inbox.add({ ...fragment(0, body, 50), type: 12 })).toBe('dropped');
    expect(inbox.add({ ...fragment(0, body, 50), length: 101 })).toBe('dropped');
    expect(inbox.add(fragment(0, body, 50))).toBe('kept');
    expect(takeAll(inbox)).toHaveLength(1);
  });
});
