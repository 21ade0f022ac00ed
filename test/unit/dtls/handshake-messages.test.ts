import { X509Certificate } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteReader } from '../../../src/base/bytes.ts';
import { TruncatedError } from '../../../src/base/errors.ts';
import { recordEnd } from '../../../src/dtls/datagrams.ts';
import * as messages from '../../../src/dtls/handshake-messages.ts';
import { Reassembly } from '../../../src/dtls/reassembly.ts';
import { type HandshakeVector, handshakeVectors } from '../../support/dtls-vectors.ts';

/** The plaintext messages of one side of a recorded handshake, put together again. */
function spoken(vector: HandshakeVector, side: 'client' | 'server'): messages.HandshakeMessage[] {
  const inbox = new Reassembly();
  for (const { dir, hex } of vector.flightPackets) {
    const bytes = Buffer.from(hex, 'hex');
    for (let at = 0; dir === side && at < bytes.length; at = recordEnd(bytes, at)) {
      const isPlaintextHandshake = bytes[at] === 22 && bytes.readUInt16BE(at + 3) === 0;
      if (isPlaintextHandshake) inbox.add(messages.readFragment(new ByteReader(bytes, at + 13)));
    }
  }
  const found: messages.HandshakeMessage[] = [];
  for (let message = inbox.take(); message; message = inbox.take()) found.push(message);
  return found;
}

function bodyOf(list: readonly messages.HandshakeMessage[], type: number): Uint8Array {
  return list.findLast((message) => message.type === type)?.body ?? new Uint8Array(0);
}

describe.each(handshakeVectors)('a handshake recorded with $profile', (vector) => {
  const server = spoken(vector, 'server');

  test('has its messages in order', () => {
    expect(spoken(vector, 'client').map((message) => message.type)).toEqual([1, 1, 16]);
    expect(server.map((message) => message.type)).toEqual([3, 2, 11, 12, 14, 4]);
  });

  test('has a ClientHello that offers the profile and the extended master secret', () => {
    const hello = messages.readClientHello(bodyOf(spoken(vector, 'client'), 1));
    expect(hello).toMatchObject({ version: 0xfefd, extendedMasterSecret: true, groups: [29, 23, 30, 25, 24] });
    expect(hello.suites).toHaveLength(2);
    expect(hello.signatures).toContain(0x0403);
    expect(hello.srtpProfiles).toHaveLength(1);
    expect(messages.readServerHello(bodyOf(server, 2))).toEqual({
      version: 0xfefd,
      suite: hello.suites[0],
      srtpProfiles: hello.srtpProfiles,
    });
  });

  test('has a certificate that can be read', () => {
    const der = messages.readCertificate(bodyOf(server, 11));
    expect(new X509Certificate(der ?? '').publicKey.asymmetricKeyType).toBe('ec');
  });

  test('has a ServerKeyExchange on x25519, signed with ECDSA', () => {
    const exchange = messages.readServerKeyExchange(bodyOf(server, 12));
    expect(exchange).toMatchObject({ group: 29, scheme: 0x0403 });
    expect(exchange.parameters).toHaveLength(36);
    expect(exchange.signature.length).toBeGreaterThan(68);
  });
});

const readers: ReadonlyArray<readonly [string, (body: Uint8Array) => unknown, number]> = [
  ['ClientHello', messages.readClientHello, 1],
  ['ServerHello', messages.readServerHello, 2],
  ['Certificate', messages.readCertificate, 11],
  ['ServerKeyExchange', messages.readServerKeyExchange, 12],
  ['CertificateVerify', messages.readCertificateVerify, 15],
];

describe.each(readers)('%s', (_name, read, type) => {
  const vector = handshakeVectors[0] as HandshakeVector;
  const body = bodyOf([...spoken(vector, 'client'), ...spoken(vector, 'server')], type);

  test('throws nothing but its own error on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => throwsOnlyTruncated(() => read(bytes))),
      { numRuns: 1000 },
    );
  });

  test('throws nothing but its own error when cut short anywhere', () => {
    for (let end = 0; end < body.length; end++) throwsOnlyTruncated(() => read(body.subarray(0, end)));
  });
});

function throwsOnlyTruncated(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(TruncatedError);
  }
}

test('an empty certificate list is no certificate', () => {
  expect(messages.readCertificate(Uint8Array.of(0, 0, 0))).toBeUndefined();
});

test('a fragment is read as it was written', () => {
  const fragment = { type: 11, length: 1000, sequence: 3, offset: 70_000, body: Uint8Array.of(1, 2, 3) };
  expect(messages.readFragment(new ByteReader(messages.writeFragment(fragment)))).toEqual(fragment);
});
