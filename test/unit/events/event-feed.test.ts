import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { EventFeed, type EventNotice } from '../../../src/events/event-feed.ts';
import { FilterError } from '../../../src/events/event-filter.ts';
import { eventNames } from '../../../src/events/event-names.ts';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';

const parties = { callId: 'c', direction: 'outbound', user: 'alice', number: '1', trunk: 't' } as const;

function feedOf(most = 3) {
  const events = new EventEmitter<GatewayEvents>();
  const feed = new EventFeed({ events, run: 'r', wallTime: () => 7, most });
  const heard: EventNotice[] = [];
  return { events, feed, heard, hear: (notice: EventNotice) => heard.push(notice) };
}

describe('the feed', () => {
  test('numbers what passes a filter', () => {
    const { events, feed, heard, hear } = feedOf();
    const stop = feed.subscribe('call.*', null, hear);
    events.emit('call.started', parties);
    events.emit('node.draining');
    events.emit('call.answered', parties);
    stop();
    events.emit('call.ringing', parties);
    expect(heard).toEqual([
      { id: 'r-1', at: 7, event: 'call.started', data: parties },
      { id: 'r-3', at: 7, event: 'call.answered', data: parties },
    ]);
  });

  test('an event without payload has an empty one', () => {
    const { events, feed, heard, hear } = feedOf();
    feed.subscribe('', null, hear);
    events.emit('node.draining');
    expect(heard[0]?.data).toEqual({});
  });

  test('counters of each second are not remembered', () => {
    const { events, feed, heard, hear } = feedOf();
    events.emit('call.started', parties);
    for (let count = 0; count < 10; count += 1) events.emit('call.quality', { ...parties, quality: [] });
    feed.subscribe('', 'r-0', hear);
    expect(heard.map(({ event }) => event)).toEqual(['call.started']);
    events.emit('call.quality', { ...parties, quality: [] });
    expect(heard.at(-1)?.event).toBe('call.quality');
  });

  test('who comes back after an event that is not remembered misses nothing that is', () => {
    const { events, feed, heard, hear } = feedOf();
    const stop = feed.subscribe('', null, () => {});
    events.emit('call.started', parties);
    events.emit('call.quality', { ...parties, quality: [] });
    events.emit('call.answered', parties);
    feed.subscribe('', 'r-2', hear);
    expect(heard.map(({ id }) => id)).toEqual(['r-3']);
    stop();
  });

  test('a listener that leaves while it is told is not told more, and the others are', () => {
    const { events, feed, heard, hear } = feedOf();
    const stop = feed.subscribe('', null, () => stop());
    feed.subscribe('', null, hear);
    events.emit('node.draining');
    events.emit('node.draining');
    expect(heard).toHaveLength(2);
  });

  test('a wrong filter is refused, and a closed feed holds nobody', () => {
    const { events, feed } = feedOf();
    expect(() => feed.subscribe('nothing', null, () => {})).toThrow(FilterError);
    feed.close();
    for (const name of eventNames) expect(events.listenerCount(name)).toBe(0);
  });
});
