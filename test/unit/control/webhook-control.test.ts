import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { ApiProblem } from '../../../src/api/problem.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import { webhookControl } from '../../../src/control/webhook-control.ts';
import { EventFeed } from '../../../src/events/event-feed.ts';
import type { GatewayEvents } from '../../../src/events/gateway-events.ts';
import { Webhooks } from '../../../src/webhooks/webhooks.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const secret = 'a secret of some length';

function open() {
  const clock = new FakeClock();
  const events = new EventEmitter<GatewayEvents>();
  const feed = new EventFeed({ events, run: 'r', wallTime: () => clock.wallTime() });
  const post = async () => ({ status: 200 });
  const webhooks = new Webhooks({ webhooks: [], feed, events, post, clock, random: seededRandom(1), log: silentLog });
  return webhookControl(webhooks);
}

async function statusOf(adding: Promise<unknown>): Promise<number> {
  return adding.then(
    () => 201,
    (error: unknown) => (error instanceof ApiProblem ? error.status : 500),
  );
}

test.each([
  ['https://example.com/hook', 201],
  ['http://[::1]:8081', 201],
  ['https://user:password@example.com/', 400],
  ['https://user@example.com/', 400],
  ['file:///etc/passwd', 400],
  ['gopher://127.0.0.1:6379/_', 400],
  ['//example.com', 400],
])('a webhook to %s: %i', async (url, status) => {
  expect(await statusOf(open().add({ url, secret, filter: '' }))).toBe(status);
});

test('what is shown of a webhook has no secret', async () => {
  const control = open();
  const added = await control.add({ url: 'https://example.com/hook', secret, filter: 'call.ended' });
  expect(JSON.stringify([added, control.all()])).not.toContain(secret);
});

test('fifty webhooks, and no more', async () => {
  const control = open();
  const add = () => control.add({ url: 'https://example.com/hook', secret, filter: '' });
  for (let count = 0; count < 50; count += 1) await add();
  expect(await statusOf(add())).toBe(409);
});
