import { expect, test } from 'vitest';
import { Refusals } from '../../../src/relay/refusals.ts';

function listen() {
  const told: string[] = [];
  return { told, refusals: new Refusals({ refused: (path, detail) => told.push(`${path} ${detail}`) }) };
}

test('each reason and sender is told once', () => {
  const { told, refusals } = listen();
  for (let packet = 0; packet < 3; packet++) {
    refusals.note('source', 1);
    refusals.note('source', 2);
    refusals.note('replay', 1);
    refusals.notePayloadType(13, 1, 'payload-type 13');
    refusals.notePayloadType(0, 1, 'payload-type 0');
  }
  expect(told).toEqual(['1 source', '2 source', '1 replay', '1 payload-type 13', '1 payload-type 0']);
});

test('of very many senders the first sixteen are told', () => {
  const { told, refusals } = listen();
  for (let path = 0; path < 1000; path++) refusals.note('source', path);
  expect(told).toHaveLength(16);
});
