/** A trace as the rows of a ladder. */

import { describe, expect, test } from 'vitest';
import { type LadderRow, layOut } from '../../../../src/web/dashboard/ladder/ladder.ts';
import { labelMessage, sdpOf, splitMessage } from '../../../../src/web/dashboard/ladder/message-text.ts';
import { milestone, received, sent } from './trace-entries.ts';

const invite = 'INVITE sip:600@example.com SIP/2.0';

function messages(rows: readonly LadderRow[]) {
  return rows.flatMap((row) => (row.kind === 'message' ? [row] : []));
}

describe('the ladder', () => {
  test('points each arrow from its sender to its receiver: the browser left, the trunk right', () => {
    const rows = layOut([
      received('browser', invite),
      sent('trunk', invite),
      received('trunk', 'SIP/2.0 180 Ringing', { cseq: '1 INVITE' }),
      sent('browser', 'SIP/2.0 180 Ringing', { cseq: '1 INVITE' }),
    ]);
    expect(messages(rows).map(({ entry, towards }) => `${entry.side} ${towards}`)).toEqual([
      'browser right',
      'trunk right',
      'trunk left',
      'browser left',
    ]);
  });

  test('counts time from the first entry', () => {
    const rows = layOut([received('browser', invite, { at: 5000 }), milestone('ice-check', '', 5321)]);
    expect(rows.map(({ offsetMs }) => offsetMs)).toEqual([0, 321]);
  });

  test('marks what was sent again, and what carries a description', () => {
    const rows = messages(
      layOut([sent('trunk', invite, { sdp: 'v=0\r\n' }), sent('trunk', invite, { sdp: 'v=0\r\n' }), sent('browser', invite)]),
    );
    expect(rows.map(({ repeated, hasSdp }) => [repeated, hasSdp])).toEqual([
      [false, true],
      [true, true],
      [false, false],
    ]);
  });

  test('puts milestones and changes into words; unknown ones keep their name', () => {
    const rows = layOut([
      milestone('dtls-failed', 'fingerprint'),
      milestone('new-thing'),
      { at: 0, kind: 'media', side: 'trunk', codec: 'PCMU', direction: 'sendonly', ptimeMs: 20 },
      { at: 0, kind: 'call', what: 'dtmf', detail: '5' },
    ]);
    expect(rows.map((row) => row.kind === 'note' && [row.side, row.text, row.tone])).toEqual([
      ['browser', 'DTLS failed: fingerprint, [2001:db8::1]:9', 'bad'],
      ['browser', 'new-thing: [2001:db8::1]:9', 'plain'],
      ['trunk', 'Audio agreed: PCMU, sendonly, 20 ms packets', 'plain'],
      [null, 'Digit: 5', 'plain'],
    ]);
  });
});

describe('a message', () => {
  test('is labelled by its method and target, or by its status and what it answers', () => {
    expect(labelMessage(invite, `${invite}\r\n\r\n`)).toEqual({
      title: 'INVITE',
      detail: 'sip:600@example.com',
      method: 'INVITE',
      tone: 'request',
    });
    const labels = ['180 Ringing', '200 OK', '401 Unauthorized', '486 Busy Here'].map((status) =>
      labelMessage(`SIP/2.0 ${status}`, `SIP/2.0 ${status}\r\ncSeQ:  7 INVITE\r\n\r\n`),
    );
    expect(labels.map(({ title, detail, tone }) => `${title} ${detail} ${tone}`)).toEqual([
      '180 Ringing INVITE provisional',
      '200 OK INVITE success',
      '401 Unauthorized INVITE provisional',
      '486 Busy Here INVITE failure',
    ]);
  });

  test('of any shape is shown somehow', () => {
    for (const text of ['', 'SIP/2.0 ', '\r\n\r\n', ' ', 'INVITE', ':', 'SIP/2.0 200 OK\r\n:\r\ncseq']) {
      expect(() => [labelMessage(text, text), sdpOf(text), splitMessage(text)]).not.toThrow();
    }
  });

  test('has a description only when it says so', () => {
    expect(sdpOf('X\r\nContent-Type: application/sdp;charset=utf-8\r\n\r\nv=0')).toBe('v=0');
    expect(sdpOf('X\r\nContent-Type: text/plain\r\n\r\nv=0')).toBeNull();
    expect(sdpOf('X\r\nc: application/sdp\r\n\r\n')).toBeNull();
  });
});
