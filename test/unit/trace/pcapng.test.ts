import { describe, expect, test } from 'vitest';
import type { CallTrace, SipEntry, TraceEntry } from '../../../src/trace/call-trace.ts';
import { writeCaptureFile } from '../../../src/trace/capture-file.ts';
import { showMessage } from '../../../src/trace/captured-message.ts';
import { maxIpPayload, tcpPacket, udpPacket } from '../../../src/trace/ip-packet.ts';
import { writePcapng } from '../../../src/trace/pcapng.ts';
import { describeWith } from '../../support/needs.ts';
import { dissect } from '../../support/tshark.ts';
import { message, parties } from './messages.ts';

const v4 = { source: { host: '192.0.2.1', port: 5060 }, destination: { host: '198.51.100.5', port: 5062 } };

describe('packets', () => {
  test('what fits no packet, or has no address, is refused', () => {
    expect(() => udpPacket({ ...v4, payload: new Uint8Array(maxIpPayload + 100) })).toThrow(RangeError);
    expect(() => udpPacket({ ...v4, source: { host: 'example.com', port: 1 }, payload: new Uint8Array(1) })).toThrow(RangeError);
  });
});

describe('capture files', () => {
  test('blocks say their length at both ends and are multiples of four', () => {
    const packet = {
      at: 1_800_000_000_123,
      direction: 'sent' as const,
      bytes: udpPacket({ ...v4, payload: Buffer.from('odd') }),
      comments: ['why'],
    };
    const file = Buffer.from(writePcapng([packet, { ...packet, comments: [] }], 'a call'));
    const types: number[] = [];
    for (let at = 0; at < file.length; ) {
      const length = file.readUInt32BE(at + 4);
      expect(length % 4).toBe(0);
      expect(file.readUInt32BE(at + length - 4)).toBe(length);
      types.push(file.readUInt32BE(at));
      at += length;
    }
    expect(types).toEqual([0x0a0d0d0a, 1, 6, 6]);
  });

  test('of a call without messages, with huge comments and with broken text', () => {
    const entries: TraceEntry[] = [{ at: 0, kind: 'call', what: 'dtmf', detail: `\ud800${'x'.repeat(100_000)}` }];
    expect(writeCaptureFile(trace(entries)).length).toBeGreaterThan(0);
    expect(writeCaptureFile(trace([...entries, sip({ text: '\udc80' })])).length).toBeGreaterThan(0);
  });
});

function trace(entries: readonly TraceEntry[]): CallTrace {
  return { callId: 'call-1', parties, entries, truncated: false, record: null, quality: [] };
}

function sip(about: Partial<SipEntry> = {}): { at: number } & SipEntry {
  return { ...showMessage(message()), ...about };
}

describeWith(['tshark'], 'tshark reads', () => {
  const fields = ['sip.Method', 'ipv6.src', 'udp.checksum.status', 'tcp.checksum.status', 'tcp.seq_raw', 'frame.time_epoch', 'sip.Call-ID'];

  test('IPv6, and IPv4 beside it', async () => {
    const ipv6 = sip({ transport: 'udp', local: { host: '2001:db8::5', port: 5080 }, remote: { host: '2001:db8::1', port: 40_000 } });
    const mixed = sip({ transport: 'udp', local: { host: '::1', port: 5080 }, remote: { host: '192.0.2.1', port: 40_000 } });
    const packets = await dissect(writeCaptureFile(trace([ipv6, mixed])), fields);
    expect(packets).toEqual([
      ['INVITE', '2001:db8::1', '1', '', '', '1800000000.000000000', 'leg-1'],
      ['INVITE', '::ffff:192.0.2.1', '1', '', '', '1800000000.000000000', 'leg-1'],
    ]);
  });

  test('TCP, a message longer than a packet too', async () => {
    const address = { transport: 'tcp', local: { host: '198.51.100.5', port: 5060 }, remote: { host: '203.0.113.9', port: 41_000 } };
    const long = showMessage(message({}, { headers: ['Content-Type: text/plain'], body: 'y'.repeat(100_000) }));
    const packets = await dissect(
      writeCaptureFile(trace([sip(address), { ...long, ...address }, sip({ ...address, direction: 'sent' })])),
      fields,
    );
    expect(packets.map(([method, , , checksum]) => [method, checksum])).toEqual([
      ['INVITE', '1'],
      ['', '1'],
      ['INVITE', '1'],
      ['INVITE', '1'],
    ]);
    const [first, second] = packets.map(([, , , , sequence]) => Number(sequence));
    expect([first, second]).toEqual([1, 1 + sip().text.length]);
  });

  test('a WebSocket message as SIP, whatever the port, cut off where no datagram could hold it', async () => {
    const long = showMessage(message({}, { body: 'y'.repeat(100_000) }));
    const packets = await dissect(writeCaptureFile(trace([sip(), long])), ['sip.Method', 'udp.dstport', 'frame.comment']);
    expect(packets).toEqual([
      ['INVITE', '5060', 'SIP over WebSocket (wss) at 198.51.100.5:8443, shown as UDP'],
      ['INVITE', '5060', 'SIP over WebSocket (wss) at 198.51.100.5:8443, shown as UDP'],
    ]);
  });

  test('TCP segments with odd lengths', async () => {
    const packets = [1, 2, 3].map((length) => ({
      at: 0,
      direction: 'sent' as const,
      comments: [],
      bytes: tcpPacket({ ...v4, payload: Buffer.alloc(length, 0xff) }, 1, 1),
    }));
    expect(await dissect(writePcapng(packets, ''), ['tcp.checksum.status', 'tcp.len'])).toEqual([
      ['1', '1'],
      ['1', '2'],
      ['1', '3'],
    ]);
  });
});
