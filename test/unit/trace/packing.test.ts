import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';
import { type KeptEntry, PackedEntries } from '../../../src/trace/packed-entries.ts';
import { Packer } from '../../../src/trace/packer.ts';
import { Traces } from '../../../src/trace/traces.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { message, parties, record, startCall } from './messages.ts';

const packedAfterMs = 1000;

function open(limits: { entries?: number; bytes?: number } = {}) {
  const clock = new FakeClock();
  const events = new EventEmitter<GatewayEvents>();
  const traces = new Traces({ calls: 3, entries: 100, bytes: 100_000, ...limits, clock });
  traces.follow(events);
  return { clock, events, traces };
}

function tellStory({ events, traces }: ReturnType<typeof open>): void {
  startCall(events);
  traces.sip(message({}, { headers: ['Subject: \u00fcber \u{1f4de}'], body: 'v=0\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n' }));
  traces.sip({ ...message(), octets: '\u0000\u00ff\n\n' });
  traces.sip(message({ direction: 'sent', at: 1_800_000_000_001 }));
  const milestone = { side: 'browser', at: 1_800_000_000_002, what: 'dtls-failed', remote: null, detail: 'line\nline \u{1f512}' } as const;
  events.emit('call.milestone', { ...parties, milestone });
  events.emit('call.media-changed', {
    ...parties,
    audio: { side: 'trunk', codec: 'PCMU', clockRate: 8000, direction: 'inactive', ptimeMs: null },
  });
}

describe('a packed trace', () => {
  test('tells what it told before, to those who explain and to those who read', async () => {
    const stage = open();
    tellStory(stage);
    const before = [stage.traces.captured('call-1'), stage.traces.get('call-1')];
    await stage.clock.advance(packedAfterMs);
    expect([stage.traces.captured('call-1'), stage.traces.get('call-1')]).toEqual(before);
  });

  test('goes on, is packed again, and stays in the order of time', async () => {
    const stage = open();
    const { clock, events, traces } = stage;
    tellStory(stage);
    await clock.advance(packedAfterMs);
    for (let count = 0; count < 10; count++) traces.sip(message({ method: 'INFO', at: 1_900_000_000_000 + count }));
    await clock.advance(packedAfterMs);
    events.emit('call.ended', record());
    traces.sip(message({ method: 'BYE', at: 1_950_000_000_000 }));
    const times = traces.captured('call-1')?.entries.map(({ at }) => at) ?? [];
    expect(times).toHaveLength(18);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('keeps to the bounds of one that is not', async () => {
    const { clock, events, traces } = open({ entries: 20 });
    startCall(events);
    for (let count = 0; count < 100; count++) {
      traces.sip(message({ method: 'INFO', at: 1_900_000_000_000 + count }));
      await clock.advance(packedAfterMs / 5);
    }
    expect(traces.captured('call-1')).toMatchObject({ truncated: true });
    expect(traces.captured('call-1')?.entries).toHaveLength(20);
  });
});

describe('when', () => {
  test('once a while after something was added, and not when nothing was', async () => {
    const stage = open();
    tellStory(stage);
    expect(stage.clock.pending).toBe(1);
    await stage.clock.advance(packedAfterMs);
    expect(stage.clock.pending).toBe(0);
  });

  test('not of a call that has ended by then, nor after the gateway closed', () => {
    const ended = open();
    tellStory(ended);
    ended.events.emit('call.ended', record());
    const closed = open();
    tellStory(closed);
    closed.traces.close();
    expect([ended.clock.pending, closed.clock.pending]).toEqual([0, 0]);
  });
});

test('entries in packs, whatever their size, are equal to those that were added', () => {
  const entries = new PackedEntries(new Packer());
  const added: KeptEntry[] = [0, 1, 5000, 200_000].flatMap((size) => [
    message({}, { body: 'x'.repeat(size) }),
    message({ sipCallId: '\u{1f600}'.repeat(size / 1000), octets: '' }),
    { at: size, kind: 'call', what: 'dtmf', detail: '\n' },
  ]);
  for (const entry of added) {
    entries.add(entry);
    entries.pack();
  }
  expect([entries.length, entries.all]).toEqual([added.length, added]);
});
