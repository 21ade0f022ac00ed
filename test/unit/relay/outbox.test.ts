import { describe, expect, test } from 'vitest';
import { Outbox } from '../../../src/relay/outbox.ts';

function open(): { outbox: Outbox<string>; sent: (readonly string[])[]; turns: Array<() => void> } {
  const sent: (readonly string[])[] = [];
  const turns: Array<() => void> = [];
  const outbox = new Outbox<string>(
    (messages) => sent.push(messages),
    (flush) => turns.push(flush),
  );
  return { outbox, sent, turns };
}

describe('Outbox', () => {
  test('sends what one turn has said as one, in its order', () => {
    const { outbox, sent, turns } = open();
    for (const message of ['a', 'b', 'c']) outbox.post(message);
    expect(sent).toEqual([]);
    for (const turn of turns.splice(0)) turn();
    outbox.post('d');
    for (const turn of turns.splice(0)) turn();
    expect(sent).toEqual([['a', 'b', 'c'], ['d']]);
  });

  test('asks for the end of the turn once', () => {
    const { outbox, turns } = open();
    outbox.post('a');
    outbox.post('b');
    expect(turns).toHaveLength(1);
  });

  test('sends at once when flushed, and nothing twice', () => {
    const { outbox, sent, turns } = open();
    outbox.post('last');
    outbox.flush();
    expect(sent).toEqual([['last']]);
    for (const turn of turns) turn();
    expect(sent).toEqual([['last']]);
  });
});
