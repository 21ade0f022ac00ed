/** What is kept of a call that goes through the whole signalling, and how it is read afterwards. */

import { describe, expect, test } from 'vitest';
import type { SipEntry } from '../../src/trace/call-trace.ts';
import { writeCaptureFile } from '../../src/trace/capture-file.ts';
import { printTrace } from '../../src/trace/text.ts';
import { CallStage } from '../support/call-stage.ts';
import { describeWith } from '../support/needs.ts';
import { dissect } from '../support/tshark.ts';

/** A call that rings, is answered and is hung up by the browser; its trace. */
async function tracedCall() {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const call = alice.call('+15550123');
  await stage.advance(100);
  stage.carrier.lastCall.ring();
  await stage.advance(100);
  stage.carrier.lastCall.answer();
  await stage.advance(100);
  call.hangUp();
  await stage.advance(5000);
  const trace = stage.traces.get(stage.record.callId);
  if (!trace) throw new Error('no trace');
  return { stage, trace };
}

function isSip(entry: { kind: string }): entry is { at: number } & SipEntry {
  return entry.kind === 'sip';
}

/** `> INVITE` came in, `< 200` went out. */
function label({ direction, firstLine }: SipEntry): string {
  const [first, second] = firstLine.split(' ');
  return `${direction === 'received' ? '>' : '<'} ${first === 'SIP/2.0' ? second : first}`;
}

describe('a call from a browser', () => {
  test('has every message of both its legs, from the first INVITE to the last 200', async () => {
    const { trace } = await tracedCall();
    const ofLeg = (side: string) => trace.entries.filter(isSip).filter((entry) => entry.side === side);
    expect(ofLeg('browser').map(label)).toEqual(['> INVITE', '< 100', '< 180', '< 200', '> ACK', '> BYE', '< 200']);
    expect(ofLeg('trunk').map(label)).toEqual(['< INVITE', '> 100', '> 180', '> 200', '< ACK', '< BYE', '> 200']);
    expect(trace.entries.filter(({ kind }) => kind === 'call')).toHaveLength(4);
    expect(trace.record?.end.cause).toBe('hung-up');
  });

  test('is readable in a terminal', async () => {
    const { trace } = await tracedCall();
    const text = printTrace(trace);
    expect(text).toContain('* started  alice calls +15550123 by carrier');
    expect(text).toMatch(/browser 192\.0\.2\.1:\d+ --> \S+ ws {2}INVITE sip:\+15550123@/);
    expect(text).toContain('    v=0\n');
    expect(text).not.toContain('\r');
    expect(text).not.toMatch(/a=ice-pwd:[^x]/);
  });
});

describe('a call from the trunk', () => {
  test('that rings at two browsers has the messages of both', async () => {
    const stage = await CallStage.open();
    const phones = [await stage.browser('alice'), await stage.browser('alice')];
    stage.carrier.call('alice');
    await stage.advance(100);
    phones[0]?.lastCall.answer();
    await stage.advance(1000);
    const [running] = stage.traces.list();
    const entries = stage.traces.get(running?.callId ?? '')?.entries.filter(isSip) ?? [];
    for (const { link } of phones) {
      const ofPhone = entries.filter(({ remote }) => remote.host === link.a.local.host).map(label);
      expect(ofPhone).toContain('< INVITE');
      expect(ofPhone).toContain(link === phones[0]?.link ? '< ACK' : '< CANCEL');
    }
    expect(entries.filter(({ side }) => side === 'trunk').map(label)).toContain('> INVITE');
  });
});

describe('retransmissions', () => {
  test('are kept as well', async () => {
    const stage = await CallStage.open();
    stage.trunkLink.lose = (_message, from) => from === 'a';
    const alice = await stage.browser('alice');
    alice.call('+15550123');
    await stage.advance(4000);
    const [running] = stage.traces.list();
    const trunk = stage.traces.get(running?.callId ?? '')?.entries.filter(isSip) ?? [];
    expect(trunk.filter((entry) => entry.side === 'trunk').map(label)).toEqual(['< INVITE', '< INVITE', '< INVITE', '< INVITE']);
    stage.trunkLink.lose = () => false;
  });
});

describeWith(['tshark'], 'the capture file of a call', () => {
  test('opens in Wireshark: both legs as SIP, checksums right', async () => {
    const { trace } = await tracedCall();
    const packets = await dissect(writeCaptureFile(trace), [
      '_ws.col.Protocol',
      'sip.Method',
      'sip.Status-Code',
      'ip.dst',
      'ip.checksum.status',
      'udp.checksum.status',
    ]);
    expect(packets.map(([, method, status]) => method || status)).toEqual(
      trace.entries.filter(isSip).map((entry) => label(entry).slice(2)),
    );
    for (const [protocol, , , , ip, udp] of packets) expect([protocol?.startsWith('SIP'), ip, udp]).toEqual([true, '1', '1']);
    expect(packets.map(([, , , destination]) => destination)).toContain('192.0.2.1');
  });

  test('says what else happened in comments', async () => {
    const { trace } = await tracedCall();
    const comments = (await dissect(writeCaptureFile(trace), ['frame.comment'])).flat().join('\n');
    expect(comments).toContain('SIP over WebSocket (ws)');
    expect(comments).toContain('call answered user alice');
    expect(comments).toContain('call ended hung-up by the browser');
  });
});
