import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';
import { Observation } from '../../../src/observation.ts';
import { parseMessage } from '../../../src/sip/message/parse.ts';
import { printMessage } from '../../../src/sip/message/print.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { SipLink } from '../../support/sip-link.ts';
import { message, parties, startCall } from './messages.ts';

function open(calls: number) {
  const clock = new FakeClock();
  const events = new EventEmitter<GatewayEvents>();
  const trace = { calls, entries: 100, bytes: 100_000 };
  return { clock, events, observation: new Observation({ config: { trace, hep: null }, events, clock, log: silentLog }) };
}

test('without tracing and without a collector nobody looks at messages', async () => {
  const { events, observation } = open(0);
  expect(observation.tap).toBeNull();
  startCall(events);
  expect(observation.traces.get(parties.callId)).toBeUndefined();
  await observation.close();
});

test('what the tap sees is in the trace, from which side and over which way', () => {
  const { clock, events, observation } = open(10);
  const link = new SipLink(clock, { transport: 'wss', a: { host: '192.0.2.1', port: 50_000 }, b: { host: '198.51.100.5', port: 8443 } });
  startCall(events);
  const octets = Buffer.from(message().octets, 'latin1');
  const invite = parseMessage(octets);
  observation.tap?.received(invite, octets, link.b);
  observation.tap?.sent(printMessage(invite), link.b);
  observation.tap?.sent(Buffer.from('no SIP'), link.b);
  expect(observation.traces.get(parties.callId)?.entries.slice(1)).toMatchObject([
    { side: 'browser', direction: 'received', transport: 'wss', local: link.b.local, remote: link.b.remote },
    { side: 'browser', direction: 'sent' },
  ]);
});
