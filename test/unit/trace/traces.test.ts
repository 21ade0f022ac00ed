import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';
import type { SipEntry } from '../../../src/trace/call-trace.ts';
import { Traces } from '../../../src/trace/traces.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { legQuality, message, parties, record, startCall } from './messages.ts';

function open(limits: { calls?: number; entries?: number; bytes?: number } = {}) {
  const clock = new FakeClock();
  const events = new EventEmitter<GatewayEvents>();
  const traces = new Traces({ calls: 3, entries: 100, bytes: 100_000, ...limits, clock });
  traces.follow(events);
  const messages = (callId = parties.callId) =>
    (traces.get(callId)?.entries ?? []).filter((entry): entry is { at: number } & SipEntry => entry.kind === 'sip');
  const firstWords = (callId?: string) => messages(callId).map(({ firstLine }) => firstLine.slice(0, firstLine.indexOf(' ')));
  return { clock, events, traces, messages, firstWords };
}

describe('a message finds its call', () => {
  test('by Call-ID, also when it came before the call was known', () => {
    const { events, traces, firstWords } = open();
    traces.sip(message());
    traces.sip(message({ method: 'ACK' }));
    startCall(events);
    traces.sip(message({ method: 'BYE' }));
    expect(firstWords()).toEqual(['INVITE', 'ACK', 'BYE']);
  });

  test('and stays away from others: another Call-ID, the same one on the other side', () => {
    const { events, traces, messages } = open();
    startCall(events);
    traces.sip(message({ sipCallId: 'leg-2' }));
    traces.sip(message({ side: 'trunk' }));
    expect(messages()).toEqual([]);
  });

  test('after its end too, for as long as the call is kept', () => {
    const { events, traces, firstWords } = open();
    startCall(events);
    events.emit('call.ended', record());
    traces.sip(message({ method: 'BYE' }));
    expect(firstWords()).toEqual(['BYE']);
  });

  test('a browser that takes the Call-ID of a running call gets nothing of its trace, and adds no call to it', () => {
    const { events, traces, firstWords } = open();
    startCall(events);
    startCall(events, 'call-2');
    traces.sip(message());
    expect([firstWords('call-1'), firstWords('call-2')]).toEqual([['INVITE'], []]);
  });

  test('a Call-ID of a call that ended goes to the next one that uses it', () => {
    const { events, traces, firstWords } = open();
    startCall(events);
    events.emit('call.ended', record());
    startCall(events, 'call-2');
    traces.sip(message());
    expect([firstWords('call-1'), firstWords('call-2')]).toEqual([[], ['INVITE']]);
  });
});

describe('what else is kept', () => {
  test('the story of the call, in the order of time', () => {
    const { clock, events, traces } = open();
    startCall(events);
    events.emit('call.ringing', parties);
    const at = clock.wallTime() - 5;
    events.emit('call.milestone', { ...parties, milestone: { side: 'browser', at, what: 'ice-check', remote: null, detail: '' } });
    events.emit('call.answered', { ...parties, user: 'bob' });
    events.emit('call.held', { ...parties, by: 'browser' });
    events.emit('dtmf', { ...parties, from: 'browser', digit: '5', durationMs: 100 });
    events.emit('call.ended', record());
    const trace = traces.get('call-1');
    expect(trace?.entries.map((entry) => (entry.kind === 'call' ? `${entry.what} ${entry.detail}` : entry.kind))).toEqual([
      'milestone',
      'started alice calls +15550123 by carrier',
      'ringing ',
      'answered user bob',
      'held by the browser',
      'dtmf 5 from the browser, 100 ms',
      'ended cancelled by the browser',
    ]);
    expect(trace).toMatchObject({ parties: { user: 'bob' }, truncated: false, record: { end: { cause: 'cancelled' } } });
  });

  test('one sample of the quality in five seconds', async () => {
    const { clock, events, traces } = open();
    startCall(events);
    for (let second = 0; second < 12; second++) {
      events.emit('call.quality', { ...parties, quality: [legQuality()] });
      await clock.advance(1000);
    }
    expect(traces.get('call-1')?.quality).toHaveLength(3);
  });
});

describe('credentials', () => {
  test('are not in what is shown', () => {
    const { events, traces, messages } = open();
    startCall(events);
    const headers = ['Authorization: Digest username="alice", realm="r", nonce="n", uri="sip:x", response="0123abcd"'];
    const body = 'v=0\r\na=ice-pwd:asd88fgpdd777uzjYhagZg\r\n';
    traces.sip(message({}, { headers, body }));
    const [{ text } = { text: '' }] = messages();
    expect(text).toContain('username="alice"');
    expect(text).not.toContain('0123abcd');
    expect(text).not.toContain('asd88');
    expect(text).toContain(`Content-Length: ${body.length}`);
  });

  test('nor what people write to each other within a call', () => {
    const { traces, events } = open();
    startCall(events);
    traces.sip(message({ method: 'MESSAGE' }, { headers: ['Content-Type: text/plain'], body: 'the PIN is 4711' }));
    const shown = JSON.stringify(traces.get('call-1'));
    expect(shown).toContain('x'.repeat('the PIN is 4711'.length));
    expect(shown).not.toContain('4711');
  });

  test('nor in a message of which only a part can be read', () => {
    const { events, traces, messages } = open();
    startCall(events);
    traces.sip(message({}, { headers: ['Max-Forwards: many', 'Authorization: Basic c2VjcmV0'] }));
    traces.sip({ ...message(), octets: 'Authorization: Basic c2VjcmV0' });
    expect(messages().map(({ text }) => text.includes('c2VjcmV0'))).toEqual([false, false]);
    expect(messages()[1]?.firstLine).toBe('(a message that cannot be read)');
  });
});

describe('bounds', () => {
  test('of a call: its beginning and its end stay, and the trace says that something is missing', () => {
    const { events, traces, messages } = open({ entries: 20 });
    startCall(events);
    for (let count = 0; count < 1000; count++) traces.sip(message({ method: 'INFO', at: 1_800_000_000_000 + count }));
    expect(traces.get('call-1')).toMatchObject({ truncated: true });
    expect(traces.get('call-1')?.entries).toHaveLength(20);
    expect([messages()[0]?.at, messages().at(-1)?.at]).toEqual([1_800_000_000_000, 1_800_000_000_999]);
  });

  test('of a call in bytes', () => {
    const { events, traces, messages } = open({ bytes: 20_000 });
    startCall(events);
    for (let count = 0; count < 100; count++) traces.sip(message({ method: 'INFO' }, { body: 'x'.repeat(1500) }));
    const bytes = messages().reduce((sum, { text }) => sum + text.length, 0);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThan(20_000);
    traces.sip(message({ method: 'INFO' }, { body: 'x'.repeat(60_000) }));
    expect(messages().length).toBeGreaterThan(0);
  });

  test('of calls: the ones that ended first go first, running ones stay', () => {
    const { events, traces } = open();
    for (let count = 0; count < 10; count++) {
      startCall(events, `call-${count}`, `leg-${count}`);
      if (count > 0) events.emit('call.ended', record(`call-${count}`));
    }
    expect(traces.list().map(({ callId }) => callId)).toEqual(['call-0', 'call-9', 'call-8', 'call-7']);
    expect(traces.get('call-1')).toBeUndefined();
  });

  test('what belongs to no call is not kept at all', () => {
    const { events, traces, messages } = open();
    traces.sip(message({ method: 'REGISTER' }));
    startCall(events);
    expect(messages()).toEqual([]);
  });
});
