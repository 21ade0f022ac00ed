import { expect, test } from 'vitest';
import type { LegMedia, PayloadFormat } from '../../../src/relay/media-relay.ts';
import { Negotiations } from '../../../src/relay/negotiations.ts';

const format = (payloadType: number, encoding: string): PayloadFormat => ({ payloadType, encoding, clockRate: 8000, channels: 1 });
const media = (...formats: PayloadFormat[]): LegMedia => ({ direction: 'sendrecv', receive: formats, send: formats, ptimeMs: 20 });

test('media and routes of legs that negotiated the same are the same objects', () => {
  const negotiations = new Negotiations();
  const [a, b] = [negotiations.media(media(format(0, 'PCMU'))), negotiations.media(media(format(0, 'PCMU')))];
  expect(a).toEqual(media(format(0, 'PCMU')));
  expect(b).toBe(a);
  expect(negotiations.routes(a, b)).toBe(negotiations.routes(b, a));
});

test('what differs in anything is kept apart', () => {
  const negotiations = new Negotiations();
  const one = media(format(0, 'PCMU'));
  const others: LegMedia[] = [
    { ...one, direction: 'sendonly' },
    { ...one, ptimeMs: null },
    { ...one, receive: [] },
    { ...one, send: [format(8, 'PCMA')] },
    media(format(96, 'PCMU')),
    media({ ...format(0, 'PCMU'), clockRate: 16_000 }),
    media({ ...format(0, 'PCMU'), channels: 2 }),
  ];
  const kept = [one, ...others].map((each) => negotiations.media(each));
  expect(kept).toEqual([one, ...others]);
  expect(new Set(kept).size).toBe(kept.length);
});

test('nothing else of a description is kept', () => {
  const description = { ...media(format(0, 'PCMU')), iceUfrag: 'theirs' };
  expect(new Negotiations().media(description)).toEqual(media(format(0, 'PCMU')));
});

test('routes lead to what the partner sends, and without one nowhere', () => {
  const negotiations = new Negotiations();
  const [leg, partner] = [media(format(0, 'PCMU')), media(format(96, 'pcmu'))];
  expect(negotiations.routes(leg, partner).get(0)).toMatchObject({ payloadType: 96 });
  expect(negotiations.routes(leg, null).get(0)).toMatchObject({ payloadType: null });
});

test('peers that name whatever they like fill nothing', () => {
  const negotiations = new Negotiations();
  const kept = negotiations.media(media(format(0, 'PCMU')));
  for (let ptimeMs = 0; ptimeMs < 1000; ptimeMs++) negotiations.media({ ...kept, ptimeMs });
  const again = negotiations.media(kept);
  expect(again).not.toBe(kept);
  expect(again).toEqual(kept);
});
