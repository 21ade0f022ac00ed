/** Whatever a trace holds, there is an explanation. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../../src/explain/explain.ts';
import { beginning, CallStory, plainSdp } from '../../support/call-story.ts';

const healthy = new CallStory().signalled().connected().talking().ended().trace;
const now = beginning + 60_000;

test('of messages that are none', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 200 })), (texts) => {
      const entries = healthy.entries.map((entry, at) => (entry.kind === 'sip' ? { ...entry, octets: texts[at] ?? '' } : entry));
      expect(explain({ ...healthy, entries }, now).length).toBeGreaterThan(0);
    }),
  );
});

test('of messages that are cut, or in which lines are missing or said twice', () => {
  const edit = fc.record({ at: fc.nat(400), length: fc.nat(40), text: fc.string({ maxLength: 20 }) });
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 20 }), (edits) => {
      const entries = healthy.entries.map((entry, index) => {
        const change = edits[index];
        if (entry.kind !== 'sip' || !change) return entry;
        return { ...entry, octets: entry.octets.slice(0, change.at) + change.text + entry.octets.slice(change.at + change.length) };
      });
      expect(explain({ ...healthy, entries }, now).length).toBeGreaterThan(0);
    }),
  );
});

test('of header fields that say nonsense', () => {
  const value = fc.oneof(fc.string(), fc.constantFrom('<', '*', '<sip:', '<sip:a@[::1>', '-1', 'a;b=', plainSdp()));
  const name = fc.constantFrom('Contact', 'Via', 'Session-Expires', 'Reason', 'Content-Type', 'Record-Route');
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value), { maxLength: 6 }), (fields) => {
      const story = new CallStory().signalled().connected().talking();
      story.sip('BYE sip:alice@192.0.2.1 SIP/2.0', { cseq: '9 BYE', headers: fields.map((field) => field.join(': ')) });
      expect(story.explain().length).toBeGreaterThan(0);
    }),
  );
});
