import { expect, test } from 'vitest';
import type { CallTrace, TraceEntry } from '../../../src/trace/call-trace.ts';
import { showMessage } from '../../../src/trace/captured-message.ts';
import { printTrace } from '../../../src/trace/text.ts';
import { message, parties } from './messages.ts';

function print(...entries: TraceEntry[]): string {
  const trace: CallTrace = { callId: 'call-1', parties, entries, truncated: false, record: null, quality: [] };
  return printTrace(trace);
}

const at = Date.UTC(2027, 0, 15, 8, 0, 0, 123);

test('each entry says when, on which side, and what', () => {
  const milestone = { side: 'browser', at, what: 'ice-nominated', remote: { host: '2001:db8::1', port: 4000 }, detail: '' } as const;
  const text = print(
    { at, kind: 'call', what: 'ringing', detail: '' },
    { at, kind: 'milestone', milestone },
    { at, kind: 'media', side: 'trunk', codec: 'PCMU', direction: 'sendrecv', ptimeMs: 20 },
    { at, kind: 'media', side: 'browser', codec: null, direction: 'inactive', ptimeMs: null },
  );
  expect(text).toBe(
    [
      'Call call-1',
      '',
      '2027-01-15T08:00:00.123Z  call    * ringing',
      '2027-01-15T08:00:00.123Z  browser * ice-nominated  [2001:db8::1]:4000',
      '2027-01-15T08:00:00.123Z  trunk   * media  PCMU, sendrecv, 20 ms',
      '2027-01-15T08:00:00.123Z  browser * media  no codec, inactive',
      '',
    ].join('\n'),
  );
});

test('a message stands indented below its addresses', () => {
  const lines = print({ ...showMessage(message()), at }).split('\n');
  expect(lines[2]).toBe(
    '2027-01-15T08:00:00.123Z  browser 192.0.2.1:50000 --> 198.51.100.5:8443 wss  INVITE sip:+15550123@example.com SIP/2.0',
  );
  expect(lines[4]).toBe('    INVITE sip:+15550123@example.com SIP/2.0');
  expect(print({ ...showMessage(message({ direction: 'sent' })), at })).toContain('192.0.2.1:50000 <-- 198.51.100.5:8443');
});

test('nothing that a peer sends reaches the terminal as a command', () => {
  const body = 'v=0\r\ns=\u001b]0;gotcha\u0007\u009b2J\u202egnp\r\n';
  const text = print({ ...showMessage(message({}, { body })), at }, { at, kind: 'call', what: 'ended', detail: 'x\u001b[2J\ny' });
  for (const char of text) expect(char === '\n' || (char >= ' ' && !/[\u007f-\u009f\u202e]/.test(char))).toBe(true);
  expect(text).toContain('\\x1b]0;gotcha\\x07');
  expect(text).toContain('x\\x1b[2J\\x0ay');
});
