import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type HepPacket, writeHepPacket } from '../../../src/hep/packet.ts';
import { readReport } from '../../support/hep-collector.ts';

interface Vector {
  readonly packetHex: string;
  readonly decoded: {
    readonly ipProtocol: number;
    readonly src: string;
    readonly dst: string;
    readonly srcPort: number;
    readonly dstPort: number;
    readonly timeSec: number;
    readonly timeUsec: number;
    readonly protocolType: number;
    readonly captureId: number;
    readonly payload: string;
  };
}

const vector = JSON.parse(readFileSync(new URL('../../fixtures/vectors/hep3.json', import.meta.url), 'utf8')) as Vector;

const example: HepPacket = {
  ipProtocol: vector.decoded.ipProtocol,
  source: { host: vector.decoded.src, port: vector.decoded.srcPort },
  destination: { host: vector.decoded.dst, port: vector.decoded.dstPort },
  at: vector.decoded.timeSec * 1000 + vector.decoded.timeUsec / 1000,
  protocol: vector.decoded.protocolType,
  captureId: vector.decoded.captureId,
  password: null,
  correlationId: null,
  node: null,
  payload: Buffer.from(vector.decoded.payload),
};

describe('HEP3', () => {
  test('the example of the specification, octet by octet', () => {
    expect(Buffer.from(writeHepPacket(example)).toString('hex')).toBe(vector.packetHex);
  });

  test('what else a packet may say', () => {
    const packet = writeHepPacket({ ...example, password: 'key', correlationId: 'call-1', node: 'edge ü' });
    expect(readReport(Buffer.from(packet))).toMatchObject({
      password: 'key',
      correlationId: 'call-1',
      node: 'edge ü',
      payload: 'INVITE sip:bob',
    });
  });

  test('IPv6, and IPv4 beside it as a mapped address', () => {
    const packet = writeHepPacket({ ...example, source: { host: '2001:db8::1', port: 1 } });
    expect(readReport(Buffer.from(packet))).toMatchObject({
      family: 10,
      source: '2001:0db8:0000:0000:0000:0000:0000:0001',
      destination: '0000:0000:0000:0000:0000:ffff:5274:00d3',
    });
  });

  test('any payload comes out as it went in', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.string(), (payload, correlationId) => {
        const read = readReport(Buffer.from(writeHepPacket({ ...example, correlationId, payload })));
        expect(read.correlationId).toBe(Buffer.from(correlationId).toString());
        expect(read.payload).toBe(Buffer.from(payload).toString());
      }),
    );
  });

  test('more than the lengths can say, and what is no address, is refused', () => {
    expect(() => writeHepPacket({ ...example, payload: new Uint8Array(65_530) })).toThrow(RangeError);
    expect(() => writeHepPacket({ ...example, payload: new Uint8Array(70_000) })).toThrow(RangeError);
    expect(() => writeHepPacket({ ...example, source: { host: '', port: 1 } })).toThrow(RangeError);
  });
});
