import { expect, test } from 'vitest';
import { textBody } from '../../../src/api/text-body.ts';
import { until } from '../../support/until.ts';

function unexpected(error: unknown): void {
  throw error;
}

test('chunks come as they are asked for, and whoever stops reading stops them', async () => {
  let made = 0;
  let stopped = false;
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) yield `${made++}\n`;
    } finally {
      stopped = true;
    }
  }
  const reader = textBody(endless(), unexpected).getReader();
  expect(Buffer.from((await reader.read()).value ?? []).toString()).toBe('0\n');
  await reader.cancel();
  expect([made < 5, stopped]).toEqual([true, true]);
});

test('a text that breaks off is told of, and does not end as if it were complete', async () => {
  async function* broken(): AsyncGenerator<string> {
    yield 'one\n';
    throw new Error('the disk is gone');
  }
  const told: unknown[] = [];
  const reader = textBody(broken(), (error) => told.push(error)).getReader();
  expect((await reader.read()).done).toBe(false);
  const end = reader.read().then(() => 'the end');
  await until('it to be told', () => told.length === 1);
  expect(await Promise.race([end, Promise.resolve('nothing yet')])).toBe('nothing yet');
  await reader.cancel();
});

test('a text that is complete ends', async () => {
  async function* short(): AsyncGenerator<string> {
    yield 'a,';
    yield 'b';
  }
  expect(await new Response(textBody(short(), unexpected)).text()).toBe('a,b');
});
