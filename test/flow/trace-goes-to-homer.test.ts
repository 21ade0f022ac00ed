/** A call's SIP messages as a HEP collector gets them, seen by a listener and by tshark. */

import { expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { HepExporter } from '../../src/hep/exporter.ts';
import { udpPacket } from '../../src/trace/ip-packet.ts';
import { writePcapng } from '../../src/trace/pcapng.ts';
import { CallStage } from '../support/call-stage.ts';
import { HepCollector } from '../support/hep-collector.ts';
import { describeWith } from '../support/needs.ts';
import { dissect } from '../support/tshark.ts';

/** A call that is answered and hung up, exported over a real socket. */
async function exportedCall() {
  const collector = await HepCollector.open();
  const stage = await CallStage.open();
  const options = { target: collector.address, captureId: 2001, password: null, node: 'edge', clock: systemClock, log: silentLog };
  const exporter = new HepExporter(options);
  onTestFinished(async () => {
    await exporter.close();
    collector.close();
  });
  exporter.follow(stage.events);
  const alice = await stage.browser('alice');
  stage.captured.length = 0;
  const { browser } = await stage.outbound(alice);
  browser.hangUp();
  await stage.advance(5000);
  for (const message of stage.captured) exporter.sip(message);
  await collector.received(stage.captured.length);
  return { stage, collector };
}

test('every message of the call arrives once, under our call id, in its order', async () => {
  const { stage, collector } = await exportedCall();
  expect(new Set(collector.reports.map(({ correlationId }) => correlationId))).toEqual(new Set([stage.record.callId]));
  expect(collector.reports.map(({ payload }) => payload.slice(0, 7))).toEqual(stage.captured.map(({ octets }) => octets.slice(0, 7)));
  for (const { payload } of collector.reports) expect(payload).not.toMatch(/a=ice-pwd:[^x]/);
});

describeWith(['tshark'], 'tshark', () => {
  test('finds HEP with SIP inside', async () => {
    const { stage, collector } = await exportedCall();
    const address = { source: { host: '127.0.0.1', port: 40_000 }, destination: { host: '127.0.0.1', port: 9060 } };
    const packets = collector.datagrams.map((payload) => ({
      at: 0,
      direction: 'sent' as const,
      bytes: udpPacket({ ...address, payload }),
      comments: [],
    }));
    const fields = ['hep3.capture_id', 'hep3.correlation', 'hep3.node', 'hep3.malformed', 'sip.CSeq.method', 'sip.Call-ID'];
    const dissected = await dissect(writePcapng(packets, 'HEP'), fields);
    expect(dissected).toEqual(stage.captured.map(({ method, sipCallId }) => ['2001', stage.record.callId, 'edge', '', method, sipCallId]));
  });
});
