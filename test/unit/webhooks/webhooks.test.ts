import { createHmac } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { EventFeed } from '../../../src/events/event-feed.ts';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';
import { postByFetch } from '../../../src/webhooks/post.ts';
import type { Post, Webhook } from '../../../src/webhooks/webhook.ts';
import { Webhooks } from '../../../src/webhooks/webhooks.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { until } from '../../support/until.ts';

const secret = 'a secret of some length';

interface Delivery {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

let clock: FakeClock;
let events: EventEmitter<GatewayEvents>;
let webhooks: Webhooks;
let receiver: Server;
let url: string;
const deliveries: Delivery[] = [];
/** Statuses of the answers to come; then 200. Null: no answer. */
let answers: Array<number | null> = [];
/** Requests under way. */
let busy = 0;

const post: Post = async (...request) => {
  busy += 1;
  try {
    return await postByFetch(...request);
  } finally {
    busy -= 1;
  }
};

beforeEach(async () => {
  clock = new FakeClock();
  events = new EventEmitter<GatewayEvents>();
  deliveries.length = 0;
  answers = [];
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      deliveries.push({ path: request.url ?? '', headers: request.headers, body });
      const status = answers.shift();
      if (status === null) return;
      if (status === 302) response.setHeader('Location', '/elsewhere');
      response.writeHead(status ?? 200).end('thanks');
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}/hook`;
});

afterEach(() => {
  webhooks.close();
  receiver.closeAllConnections();
  receiver.close();
});

function open(filter = ''): Webhook {
  const feed = new EventFeed({ events, run: 'r', wallTime: () => clock.wallTime() });
  const options = { feed, events, post, clock, random: seededRandom(1), log: silentLog };
  webhooks = new Webhooks({ ...options, webhooks: [{ url, secret, filter }] });
  const [webhook] = webhooks.all();
  if (!webhook) throw new Error('no webhook');
  return webhook;
}

function trunkIs(trunk: string): void {
  events.emit('trunk.state', { trunk, state: 'up', detail: '' });
}

/** Lets pauses pass until so many deliveries were tried. */
async function tried(count: number): Promise<void> {
  await until(`try ${count}`, async () => {
    if (busy === 0) await clock.advance(1000);
    return deliveries.length >= count;
  });
}

test('an event is posted as JSON, signed, once', async () => {
  const webhook = open('trunk.*');
  trunkIs('carrier');
  events.emit('node.draining');
  await until('its delivery', () => webhook.delivered === 1);
  const [delivery] = deliveries;
  const { headers, body }: Pick<Delivery, 'headers' | 'body'> = delivery ?? { headers: {}, body: '' };
  expect(JSON.parse(body)).toMatchObject({ id: 'r-1', event: 'trunk.state', data: { trunk: 'carrier' } });
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'offhook-event': 'trunk.state', 'offhook-delivery': 'r-1' });
  const [, time, signature] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(headers['offhook-signature'])) ?? [];
  expect(signature).toBe(createHmac('sha256', secret).update(`${time}.${body}`).digest('hex'));
  expect(Math.abs(Number(time) - clock.wallTime() / 1000)).toBeLessThan(1);
  expect(deliveries).toHaveLength(1);
});

describe('what is not taken', () => {
  test('comes again, later and later, and then those that waited in their order', async () => {
    const webhook = open();
    answers = [500, 302, 429];
    trunkIs('a');
    trunkIs('b');
    await until('the first refusal', () => webhook.lastError !== null);
    expect(webhook).toMatchObject({ queued: 2, delivered: 0, lastError: 'the answer was 500' });
    await tried(5);
    await until('the last', () => webhook.delivered === 2);
    expect(deliveries.map(({ path, body }) => [path, JSON.parse(body).data.trunk])).toEqual([
      ['/hook', 'a'],
      ['/hook', 'a'],
      ['/hook', 'a'],
      ['/hook', 'a'],
      ['/hook', 'b'],
    ]);
    expect(webhook).toMatchObject({ queued: 0, deadLetters: 0, lastError: null });
  });

  test('is given up after the eighth try, and told', async () => {
    const dead: GatewayEvents['webhook.dead-letter'][0][] = [];
    events.on('webhook.dead-letter', (letter) => dead.push(letter));
    const webhook = open();
    answers = Array.from({ length: 8 }, () => 503);
    trunkIs('a');
    trunkIs('b');
    await tried(9);
    await until('the second', () => webhook.delivered === 1);
    expect(dead).toEqual([
      { webhook: 'configured-1', url: new URL(url).origin, event: 'trunk.state', deadLetters: 1, detail: 'the answer was 503' },
    ]);
    // It does not hear of its own failures, which would fail in turn.
    expect(deliveries).toHaveLength(9);
    expect(webhook).toMatchObject({ deadLetters: 1, queued: 0 });
  });

  test('because nobody answers is tried again after ten seconds', async () => {
    const webhook = open();
    answers = [null];
    trunkIs('a');
    await until('the first try', () => deliveries.length === 1);
    await clock.advance(10_000);
    await until('the time-out', () => webhook.lastError !== null);
    expect(webhook.lastError).toBe('no answer within 10 s');
    await tried(2);
    await until('its delivery', () => webhook.delivered === 1);
  });

  test('because nobody is there has a reason that helps', async () => {
    const webhook = open();
    receiver.close();
    trunkIs('a');
    await until('the refusal', () => webhook.lastError !== null);
    expect(webhook.lastError).toContain('ECONNREFUSED');
  });
});

test('a thousand events wait, and no more', async () => {
  const webhook = open();
  answers = [null];
  for (let count = 0; count < 1005; count += 1) trunkIs('a');
  expect(webhook).toMatchObject({ queued: 1000, deadLetters: 5 });
});

test('without a filter everything comes but the counters of each second', async () => {
  const webhook = open();
  events.emit('call.quality', { callId: 'c', direction: 'outbound', user: 'a', number: '1', trunk: 't', quality: [] });
  events.emit('node.draining');
  await until('the delivery', () => webhook.delivered === 1);
  expect(deliveries.map(({ headers }) => headers['offhook-event'])).toEqual(['node.draining']);
});

test('one that is removed is told no more', async () => {
  const kept = open();
  const added = webhooks.add({ url: `${url}/added`, secret, filter: '' });
  webhooks.remove(added.target.id);
  trunkIs('a');
  await until('the delivery', () => kept.delivered === 1);
  expect(webhooks.all()).toEqual([kept]);
  expect(deliveries.map(({ path }) => path)).toEqual(['/hook']);
});
