import { describe, expect, test } from 'vitest';
import {
  codecNames,
  commonCodecs,
  eventsFor,
  isTelephoneEvent,
  offerableCodecs,
  PayloadNumbers,
  passable,
  sameCodec,
  shared,
} from '../../../src/sdp/codecs.ts';
import type { Codec } from '../../../src/sdp/description.ts';

function codec(payloadType: number, rtpmap: string, fmtp: string | null = null): Codec {
  const [encoding = '', clock, channels = '1'] = rtpmap.split('/');
  return { payloadType, encoding, clockRate: Number(clock), channels: Number(channels), fmtp };
}

const names = (codecs: readonly Codec[]): string[] =>
  codecs.map(({ payloadType, encoding, clockRate }) => `${payloadType} ${encoding}/${clockRate}`);

test('codecs are the same by name, clock and channels, never by number', () => {
  expect(sameCodec(codec(111, 'opus/48000/2'), codec(109, 'OPUS/48000/2'))).toBe(true);
  expect(sameCodec(codec(111, 'opus/48000/2'), codec(111, 'opus/48000'))).toBe(false);
  expect(sameCodec(codec(110, 'telephone-event/48000'), codec(110, 'telephone-event/8000'))).toBe(false);
  expect(sameCodec(codec(0, 'PCMU/8000'), codec(0, 'PCMA/8000'))).toBe(false);
});

test('a policy gives its codecs in its order, the events of their clocks behind them', () => {
  expect(names(offerableCodecs(['PCMA', 'PCMU']))).toEqual(['8 PCMA/8000', '0 PCMU/8000', '101 telephone-event/8000']);
  expect(names(offerableCodecs(['opus']))).toEqual(['111 opus/48000', '110 telephone-event/48000']);
  expect(names(offerableCodecs(codecNames)).slice(-2)).toEqual(['101 telephone-event/8000', '110 telephone-event/48000']);
  expect(() => offerableCodecs(['G729'])).toThrow('codec G729 is not one of');
});

test('what is common keeps the order and numbers of the first list', () => {
  const browser = [codec(109, 'opus/48000/2'), codec(9, 'G722/8000'), codec(0, 'PCMU/8000'), codec(126, 'telephone-event/8000')];
  expect(names(commonCodecs(browser, offerableCodecs(['PCMU', 'opus'])))).toEqual([
    '109 opus/48000',
    '0 PCMU/8000',
    '126 telephone-event/8000',
  ]);
});

test('what passes is ours in spelling and number; Opus keeps its parameters', () => {
  expect(passable(codec(96, 'OPUS/48000/2', 'useinbandfec=1'))).toEqual(codec(111, 'opus/48000/2', 'useinbandfec=1'));
  expect(passable(codec(96, 'pcmu/8000', 'x=y'))).toEqual(codec(0, 'PCMU/8000'));
  expect(passable(codec(96, 'opus/48000/2', 'x'.repeat(201)))?.fmtp).toBeNull();
  for (const other of ['CN/8000', 'red/48000/2', 'telephone-event/8000', 'G729/8000', 'opus/8000/2', 'PCMU/16000']) {
    expect(passable(codec(96, other))).toBeUndefined();
  }
});

test('events go with the clocks of the audio', () => {
  expect(eventsFor([codec(0, 'PCMU/8000')]).map(({ clockRate }) => clockRate)).toEqual([8000]);
  expect(eventsFor([]).map(({ clockRate }) => clockRate)).toEqual([]);
  expect([isTelephoneEvent(codec(97, 'Telephone-Event/8000')), isTelephoneEvent(codec(0, 'PCMU/8000'))]).toEqual([true, false]);
});

test('a codec that is one of ours in all it says is kept once; another stays what it is', () => {
  expect(shared(codec(8, 'PCMA/8000'))).toBe(offerableCodecs(['PCMA'])[0]);
  expect(shared(codec(101, 'telephone-event/8000', '0-15'))).toBe(eventsFor([codec(0, 'PCMU/8000')])[0]);
  for (const other of [
    codec(96, 'PCMA/8000'),
    codec(8, 'pcma/8000'),
    codec(8, 'PCMA/16000'),
    codec(8, 'PCMA/8000/2'),
    codec(8, 'PCMA/8000', 'x=y'),
    codec(101, 'telephone-event/8000'),
  ]) {
    expect(shared(other)).toBe(other);
  }
});

describe('payload numbers', () => {
  const opus = codec(111, 'opus/48000/2');

  test('a codec keeps the number that it first had', () => {
    const numbers = new PayloadNumbers();
    expect(numbers.assign(opus).payloadType).toBe(111);
    numbers.adopt([codec(96, 'opus/48000/2')]);
    expect(numbers.assign(opus).payloadType).toBe(111);
  });

  test("the peer's numbers are taken over", () => {
    const numbers = new PayloadNumbers();
    numbers.adopt([codec(109, 'opus/48000/2'), codec(101, 'telephone-event/8000')]);
    expect(numbers.assign(opus).payloadType).toBe(109);
  });

  test('a number that the peer gives another meaning is that from then on', () => {
    const numbers = new PayloadNumbers();
    numbers.assign(opus);
    numbers.adopt([codec(0, 'PCMU/8000'), codec(111, 'iLBC/8000')]);
    expect(numbers.assign(opus).payloadType).toBe(96);
    expect(numbers.assign(codec(97, 'iLBC/8000')).payloadType).toBe(111);
  });

  test('of two numbers for a codec the one that was bound first counts', () => {
    const numbers = new PayloadNumbers();
    numbers.adopt([codec(100, 'opus/48000/2')]);
    numbers.adopt([codec(96, 'opus/48000/2'), codec(100, 'opus/48000/2', 'x=y')]);
    expect(numbers.assign(opus)).toEqual(codec(100, 'opus/48000/2'));
  });

  test('a number that means something else is left alone', () => {
    const numbers = new PayloadNumbers();
    numbers.adopt([codec(111, 'iLBC/8000'), codec(96, 'speex/8000')]);
    expect(numbers.assign(opus).payloadType).toBe(97);
    expect(numbers.assign(opus).payloadType).toBe(97);
  });

  test('when all dynamic numbers are gone, the unassigned ones serve, and then none', () => {
    const numbers = new PayloadNumbers();
    numbers.adopt(Array.from({ length: 32 }, (_, index) => codec(96 + index, `x${index}/8000`)));
    expect(numbers.assign(opus).payloadType).toBe(35);
    numbers.adopt(Array.from({ length: 29 }, (_, index) => codec(35 + index, `y${index}/8000`)));
    expect(() => numbers.assign(codec(101, 'telephone-event/8000'))).toThrow(expect.objectContaining({ status: 488 }));
  });
});
