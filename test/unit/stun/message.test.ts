import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addFingerprint, addIntegrity, integrityKey, verifyFingerprint, verifyIntegrity } from '../../../src/stun/integrity.ts';
import { attributeOf, parseStun, type StunClass, type StunMessage, stunAttribute, writeStun } from '../../../src/stun/message.ts';

const key = integrityKey('a-password-of-22-chars');

const integrity: readonly number[] = [stunAttribute.messageIntegrity, stunAttribute.fingerprint];

const message = fc.record({
  messageClass: fc.constantFrom<StunClass>('request', 'indication', 'success', 'error'),
  method: fc.integer({ min: 0, max: 0xfff }),
  transactionId: fc.uint8Array({ minLength: 12, maxLength: 12 }),
  attributes: fc.array(
    fc.record({
      type: fc.integer({ min: 0, max: 0xffff }).filter((type) => !integrity.includes(type)),
      value: fc.uint8Array({ maxLength: 40 }),
    }),
    { maxLength: 10 },
  ),
});

function bare(parsed: StunMessage | null) {
  if (!parsed) return null;
  const { messageClass, method, transactionId, attributes } = parsed;
  return { messageClass, method, transactionId, attributes };
}

test('what was written is read again', () => {
  fc.assert(
    fc.property(message, (written) => {
      expect(bare(parseStun(writeStun(written)))).toEqual(written);
    }),
  );
});

test('integrity and fingerprint hold for every message, and only with their key', () => {
  fc.assert(
    fc.property(message, (written) => {
      const parsed = parseStun(addFingerprint(addIntegrity(writeStun(written), key))) as StunMessage;
      expect(bare(parsed)).toEqual(written);
      expect(verifyIntegrity(parsed, key)).toBe(true);
      expect(verifyIntegrity(parsed, integrityKey('another-password-of-22'))).toBe(false);
      expect(verifyFingerprint(parsed)).toBe(true);
    }),
  );
});

test('arbitrary bytes are refused without throwing', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(parseStun(bytes)).toBeNull();
    }),
  );
});

test('a damaged message is refused or read within its bounds', () => {
  const damage = fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(message, damage, (written, changes) => {
      const bytes = addFingerprint(addIntegrity(writeStun(written), key));
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      const parsed = parseStun(bytes);
      if (!parsed) return;
      const total = parsed.attributes.reduce((sum, { value }) => sum + 4 + value.length, 20);
      expect(total).toBeLessThanOrEqual(bytes.length);
      verifyIntegrity(parsed, key);
      verifyFingerprint(parsed);
    }),
  );
});

test.each([
  ['first bits of RTP', '800100002112a442000000000000000000000000'],
  ['a length that is no multiple of 4', '000100022112a4420000000000000000000000000000'],
  ['another magic cookie', '000100002112a443000000000000000000000000'],
  ['an attribute beyond the end', '000100082112a4420000000000000000000000000006000561626364'],
  ['a MESSAGE-INTEGRITY of 16 bytes', `000100142112a44200000000000000000000000000080010${'00'.repeat(16)}`],
  ['a FINGERPRINT of 0 bytes', '000100042112a44200000000000000000000000080280000'],
])('%s is refused', (_, hex) => {
  expect(parseStun(new Uint8Array(Buffer.from(hex, 'hex')))).toBeNull();
});

test('every truncation is refused', () => {
  const whole = addFingerprint(
    addIntegrity(
      writeStun({
        messageClass: 'request',
        method: 1,
        transactionId: new Uint8Array(12),
        attributes: [{ type: stunAttribute.username, value: Buffer.from('abcd:efgh') }],
      }),
      key,
    ),
  );
  for (let length = 0; length < whole.length; length++) expect(parseStun(whole.subarray(0, length))).toBeNull();
});

describe('what stands behind MESSAGE-INTEGRITY', () => {
  const request = writeStun({ messageClass: 'request', method: 1, transactionId: new Uint8Array(12), attributes: [] });

  function append(bytes: Uint8Array, attribute: readonly number[]): Uint8Array {
    const longer = new Uint8Array([...bytes, ...attribute]);
    new DataView(longer.buffer).setUint16(2, longer.length - 20);
    return longer;
  }

  test('is not read: anyone could have put it there', () => {
    const parsed = parseStun(append(addIntegrity(request, key), [0x00, stunAttribute.useCandidate, 0, 0])) as StunMessage;
    expect(verifyIntegrity(parsed, key)).toBe(true);
    expect(attributeOf(parsed, stunAttribute.useCandidate)).toBeUndefined();
  });

  test('may be a fingerprint, and nothing stands behind that', () => {
    const sealed = addFingerprint(addIntegrity(request, key));
    expect(parseStun(sealed)?.fingerprintOffset).toBe(44);
    expect(parseStun(append(sealed, [0x80, 0x22, 0, 0]))).toBeNull();
  });
});

test('the first of repeated attributes counts', () => {
  const value = (byte: number) => ({ type: stunAttribute.username, value: Uint8Array.of(byte) });
  const parsed = parseStun(
    writeStun({ messageClass: 'request', method: 1, transactionId: new Uint8Array(12), attributes: [value(1), value(2)] }),
  );
  expect(parsed && attributeOf(parsed, stunAttribute.username)).toEqual(Uint8Array.of(1));
});

test('a message without integrity or fingerprint verifies neither', () => {
  const parsed = parseStun(
    writeStun({ messageClass: 'request', method: 1, transactionId: new Uint8Array(12), attributes: [] }),
  ) as StunMessage;
  expect(verifyIntegrity(parsed, key)).toBe(false);
  expect(verifyFingerprint(parsed)).toBe(false);
});
