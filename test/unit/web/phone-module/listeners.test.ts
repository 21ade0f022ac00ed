import { expect, test, vi } from 'vitest';
import { Listeners } from '../../../../src/web/phone-module/listeners.ts';

interface Events {
  rang: { readonly times: number };
  ended: null;
}

test('tells every listener of its own event, until it is taken away', () => {
  const heard: unknown[] = [];
  const listeners = new Listeners<Events>(() => {});
  const forget = listeners.on('rang', ({ times }) => heard.push(times));
  listeners.on('ended', (event) => heard.push(event));
  listeners.emit('rang', { times: 1 });
  listeners.emit('ended', null);
  forget();
  listeners.emit('rang', { times: 2 });
  expect(heard).toEqual([1, null]);
});

test('one that throws is reported, and the others are told all the same', () => {
  const reported = vi.fn();
  const heard: number[] = [];
  const listeners = new Listeners<Events>(reported);
  const failure = new Error('in the page');
  listeners.on('rang', () => {
    throw failure;
  });
  listeners.on('rang', ({ times }) => heard.push(times));
  listeners.emit('rang', { times: 3 });
  expect(heard).toEqual([3]);
  expect(reported).toHaveBeenCalledExactlyOnceWith(failure);
});
