import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkServices, checkStore } from '../../../../src/cli/checks/services.ts';
import { levels, local } from './local-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('services', () => {
  test('the store can be written, or it is said why not', () => {
    expect(checkStore({ path: join(folder, 'offhook.db') }).level).toBe('ok');
    expect(checkStore({ path: null }).text).toContain('as long as the process');
    expect(checkStore({ path: join(folder, 'nowhere', 'offhook.db') })).toMatchObject({
      level: 'problem',
      text: expect.stringContaining('there is no /'),
    });
    expect(checkStore({ path: folder })).toMatchObject({ level: 'problem', text: expect.stringContaining('no file') });
  });

  test('those who are told of events can be reached', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    const webhooks = [{ url: `http://127.0.0.1:${port}/hook`, secret: 'a secret of thirty-two characters' }];
    const findings = async () => levels(await checkServices(local({ webhooks, store: { path: null } }))).slice(1);
    expect(await findings()).toEqual([`ok webhooks: http://127.0.0.1:${port} can be reached`]);
    server.close();
    expect(await findings()).toEqual([`problem webhooks: http://127.0.0.1:${port}: nobody listens there`]);
  });
});
