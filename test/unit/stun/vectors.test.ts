import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseAddress } from '../../../src/base/address.ts';
import { addFingerprint, addIntegrity, integrityKey, verifyFingerprint, verifyIntegrity } from '../../../src/stun/integrity.ts';
import { attributeOf, parseStun, type StunMessage, stunAttribute, writeStun } from '../../../src/stun/message.ts';
import { xorMappedAddress } from '../../../src/stun/values.ts';

interface Vector {
  name: string;
  hex: string;
  software?: string;
  username?: string;
  password?: string;
  priority?: number;
  mapped?: string;
}

const file = new URL('../../fixtures/vectors/stun-rfc5769-rfc8489.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: Vector[] };
const bytesOf = (vector: Vector | undefined): Uint8Array => new Uint8Array(Buffer.from(vector?.hex ?? '', 'hex'));

function parsed(vector: Vector): StunMessage {
  const message = parseStun(bytesOf(vector));
  if (!message) throw new Error(`${vector.name} did not parse`);
  return message;
}

function text(message: StunMessage, type: number): string {
  return Buffer.from(attributeOf(message, type) ?? []).toString('utf8');
}

const shortTerm = vectors.filter((vector) => vector.password).map((vector) => [vector.name, vector] as const);

describe('RFC 5769 with short-term credentials', () => {
  test('has three messages', () => {
    expect(shortTerm).toHaveLength(3);
  });

  test.each(shortTerm)('%s: attributes', (_, vector) => {
    const message = parsed(vector);
    expect(message.messageClass).toBe(vector.mapped ? 'success' : 'request');
    expect(message.method).toBe(1);
    expect(text(message, stunAttribute.software)).toBe(vector.software);
    expect(text(message, stunAttribute.username)).toBe(vector.username ?? '');
    const mapped = parseAddress(vector.mapped ?? '');
    expect(attributeOf(message, stunAttribute.xorMappedAddress)).toEqual(mapped && xorMappedAddress(mapped, message.transactionId).value);
  });

  test.each(shortTerm)('%s: integrity and fingerprint', (_, vector) => {
    const message = parsed(vector);
    expect(verifyIntegrity(message, integrityKey(vector.password as string))).toBe(true);
    expect(verifyIntegrity(message, integrityKey(`${vector.password}x`))).toBe(false);
    expect(verifyFingerprint(message)).toBe(true);
  });

  test.each(shortTerm)('%s: one changed bit breaks integrity or framing', (_, vector) => {
    const key = integrityKey(vector.password as string);
    for (let bit = 0; bit < (vector.hex.length / 2 - 8) * 8; bit++) {
      const bytes = bytesOf(vector);
      bytes[bit >> 3] = (bytes[bit >> 3] as number) ^ (1 << (bit & 7));
      const message = parseStun(bytes);
      expect(message !== null && verifyIntegrity(message, key) && verifyFingerprint(message)).toBe(false);
    }
  });

  test('a message written again says the same', () => {
    // The vectors pad with spaces where we pad with zeros: the bytes differ, the meaning does not.
    const message = parsed(vectors.find(({ name }) => name === 'request (short-term, ICE)') as Vector);
    const key = integrityKey('VOkJxbRl1RmTxUk/WvJxBt');
    const written = addFingerprint(addIntegrity(writeStun(message), key));
    expect(written).toHaveLength(message.bytes.length);
    const again = parseStun(written) as StunMessage;
    expect(again.attributes).toEqual(message.attributes);
    expect(verifyIntegrity(again, key) && verifyFingerprint(again)).toBe(true);
  });
});

test('a message whose length field is wrong is refused (RFC 8489 B.1 as printed)', () => {
  expect(parseStun(bytesOf(vectors.find(({ name }) => name.startsWith('RFC 8489 B.1'))))).toBeNull();
});
