import { EventEmitter } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import type { Log } from '../../../src/base/log.ts';
import type { GatewayEvents, LegQuality } from '../../../src/events/gateway-events.ts';
import { HepExporter, type HepOptions } from '../../../src/hep/exporter.ts';
import { freeUdpPort } from '../../support/free-port.ts';
import { HepCollector } from '../../support/hep-collector.ts';
import { until } from '../../support/until.ts';
import { browser, gateway, message, parties, record, startCall } from '../trace/messages.ts';

async function open(about: Partial<HepOptions> = {}) {
  const collector = await HepCollector.open();
  const warnings: object[] = [];
  const events = new EventEmitter<GatewayEvents>();
  const exporter = new HepExporter({
    target: collector.address,
    captureId: 7,
    password: 'collector key',
    node: 'edge',
    clock: systemClock,
    log: logInto(warnings),
    ...about,
  });
  exporter.follow(events);
  onTestFinished(async () => {
    await exporter.close();
    collector.close();
  });
  return { collector, events, exporter, warnings };
}

function logInto(warnings: object[]): Log {
  const log: Log = { debug: () => {}, info: () => {}, warn: (fields) => warnings.push(fields), error: () => {}, child: () => log };
  return log;
}

describe('SIP messages', () => {
  test('reach the collector with addresses, time, our call as correlation, and without credentials', async () => {
    const { collector, events, exporter } = await open();
    exporter.sip(
      message({}, { headers: ['Authorization: Digest username="alice", realm="r", nonce="n", uri="sip:x", response="0123abcd"'] }),
    );
    startCall(events);
    exporter.sip(message({ method: 'BYE', direction: 'sent' }));
    await collector.received(2);
    const [first, second] = collector.reports;
    expect(first).toMatchObject({
      ipProtocol: 6,
      source: browser.host,
      sourcePort: browser.port,
      destination: gateway.host,
      destinationPort: 8443,
      time: 1_800_000_000,
      protocol: 1,
      captureId: 7,
      password: 'collector key',
      correlationId: 'call-1',
      node: 'edge',
    });
    expect(first?.payload).toMatch(/^INVITE sip:\+15550123@example\.com SIP\/2\.0\r\n/);
    expect(first?.payload).toContain('response="(hidden)"');
    expect(second).toMatchObject({ source: gateway.host, destination: browser.host, correlationId: 'call-1' });
  });

  test('of no call go by their own Call-ID, over UDP as UDP', async () => {
    const { collector, exporter } = await open();
    exporter.sip(message({ method: 'REGISTER', sipCallId: 'reg-1', transport: 'udp', side: 'trunk' }));
    exporter.sip(message({ method: 'REGISTER', sipCallId: 'y'.repeat(60_000) }));
    await collector.received(2);
    expect(collector.reports[0]).toMatchObject({ ipProtocol: 17, correlationId: 'reg-1' });
    expect(collector.reports[1]?.correlationId).toHaveLength(128);
  });

  test('the answer to a BYE still belongs to the call that ended', async () => {
    const { collector, events, exporter } = await open();
    startCall(events);
    events.emit('call.ended', record());
    exporter.sip(message({ method: 'BYE' }));
    await collector.received(1);
    expect(collector.reports[0]?.correlationId).toBe('call-1');
  });

  test('what waits is sent before the gateway is gone', async () => {
    const { collector, exporter } = await open();
    exporter.sip(message({ method: 'OPTIONS' }));
    await collector.received(1);
    exporter.sip(message({ method: 'REGISTER' }));
    await exporter.close();
    await exporter.close();
    await collector.received(2);
  });
});

describe('quality', () => {
  const stream = { packets: 300, bytes: 48_000, lost: 100, jitterMs: 2.5 };
  const none = { malformed: 0, source: 0, authentication: 0, replay: 0, 'payload-type': 0, 'no-route': 0, 'not-ready': 0 };
  const leg = {
    received: stream,
    sent: { ...stream, lost: 0 },
    roundTripMs: 40,
    mos: 4.2,
    dropped: none,
    iceChecks: 1,
    iceChecksRefused: 0,
  };
  const quality: LegQuality[] = [{ side: 'browser', ...leg }];

  test('becomes RTCP reports in JSON: ours, and the peer’s', async () => {
    const { collector, events, exporter } = await open();
    startCall(events);
    exporter.sip(message());
    await collector.received(1);
    const remote = { host: '192.0.2.1', port: 60_000 };
    const milestone = { side: 'browser', at: 1, what: 'rtp-began', remote, detail: '' } as const;
    events.emit('call.milestone', { ...parties, milestone });
    const stranger = { host: '203.0.113.66', port: 6 };
    events.emit('call.milestone', { ...parties, milestone: { ...milestone, what: 'rtp-refused', remote: stranger } });
    events.emit('call.quality', { ...parties, quality });
    events.emit('call.quality', { ...parties, quality });
    await collector.received(3);
    const [, ours, theirs] = collector.reports;
    expect(ours).toMatchObject({
      protocol: 5,
      correlationId: 'call-1',
      source: gateway.host,
      destination: remote.host,
      destinationPort: 60_000,
    });
    expect(theirs).toMatchObject({ protocol: 5, source: remote.host, destination: gateway.host });
    expect(JSON.parse(ours?.payload ?? '')).toMatchObject({
      type: 200,
      sender_information: { packets: 300, octets: 48_000 },
      report_count: 1,
      report_blocks: [{ fraction_lost: 64, packets_lost: 100, ia_jitter: 20 }],
    });
    expect(JSON.parse(theirs?.payload ?? '')).toMatchObject({ type: 201, report_blocks: [{ fraction_lost: 0 }] });
    expect(collector.datagrams).toHaveLength(3);
  });

  test('is not told before there is media', async () => {
    const { collector, events, exporter } = await open();
    startCall(events);
    exporter.sip(message());
    await collector.received(1);
    const silent = { ...leg, side: 'browser' as const, received: { ...stream, packets: 0 }, sent: { ...stream, packets: 0 } };
    events.emit('call.quality', { ...parties, quality: [silent] });
    exporter.sip(message({ method: 'BYE' }));
    await collector.received(2);
    expect(collector.reports[1]?.protocol).toBe(1);
  });

  test('of a peer that sends nothing goes by the address of its signalling', async () => {
    const { collector, events, exporter } = await open();
    startCall(events);
    exporter.sip(message());
    await collector.received(1);
    events.emit('call.quality', { ...parties, quality });
    await collector.received(3);
    expect(collector.reports[1]).toMatchObject({ destination: browser.host, destinationPort: 0 });
  });
});

describe('trouble', () => {
  test('a collector that is not there is counted, and told once', async () => {
    const { exporter, warnings } = await open({ target: { host: '127.0.0.1', port: await freeUdpPort() } });
    await until('the network to say so', () => {
      exporter.sip(message());
      return exporter.failed > 3;
    });
    expect(warnings).toHaveLength(1);
    expect(JSON.stringify(warnings)).not.toContain('collector key');
  });

  test('a name that does not resolve costs messages, and nothing else', async () => {
    const { exporter, warnings } = await open({ target: { host: 'collector.invalid', port: 9060 } });
    for (let count = 0; count < 3000; count++) exporter.sip(message());
    await until('the warning', () => warnings.length > 0);
    expect(exporter.failed).toBeGreaterThanOrEqual(1000);
    expect(exporter.sent).toBe(0);
  });

  test('messages that nobody can read or address go nowhere', async () => {
    const { collector, exporter } = await open();
    exporter.sip({ ...message(), octets: 'password=secret' });
    exporter.sip(message({ remote: { host: '', port: 0 } }));
    exporter.sip(message({}, { body: 'y'.repeat(100_000) }));
    await collector.received(1);
    expect(exporter.failed).toBe(2);
    expect(collector.reports[0]?.payload).toHaveLength(60_000);
  });
});
