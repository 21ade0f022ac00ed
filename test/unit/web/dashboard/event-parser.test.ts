/** The stream of events, however it is cut into pieces. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventParser, type ServerSentEvent } from '../../../../src/web/dashboard/data/event-parser.ts';

const stream = [
  'retry: 2000\n\n',
  'id: 1\nevent: call.started\ndata: {"a":1}\n\n',
  ': still here\n\n',
  'data: one\ndata:two\n\n',
  'id: 2\r\nevent: x\r\ndata: y\r\n\r\n',
].join('');

const events: ServerSentEvent[] = [
  { id: '1', event: 'call.started', data: '{"a":1}' },
  { id: '1', event: 'message', data: 'one\ntwo' },
  { id: '2', event: 'x', data: 'y' },
];

test('reads events, their lines joined; comments and empty ones are none', () => {
  expect(new EventParser().push(stream)).toEqual(events);
});

test('does not mind where a piece ends', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length)), (cuts) => {
      const parser = new EventParser();
      const edges = [0, ...cuts.sort((a, b) => a - b), stream.length];
      expect(edges.slice(1).flatMap((edge, index) => parser.push(stream.slice(edges[index], edge)))).toEqual(events);
    }),
  );
});

test('gives up on a line without end', () => {
  expect(() => new EventParser().push('x'.repeat(1_000_001))).toThrow('without end');
});
