import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sendToUnixSocket } from '../../../src/native/notify.ts';
import { ServiceManager } from '../../support/service-manager.ts';

describe('a datagram to a UNIX socket', () => {
  test('arrives as it was sent', async () => {
    const manager = new ServiceManager();
    sendToUnixSocket(manager.path, 'READY=1\nSTATUS=löuft');
    await manager.hears('READY=1');
    expect(manager.states).toEqual(['READY=1\nSTATUS=löuft']);
    manager.close();
  });

  test('that is not there fails with the code of the system', () => {
    const folder = mkdtempSync(join(tmpdir(), 'offhook-notify-'));
    expect(() => sendToUnixSocket(join(folder, 'nobody'), 'READY=1')).toThrow(expect.objectContaining({ code: 'ENOENT' }));
    expect(() => sendToUnixSocket('@offhook-nobody-listens', 'READY=1')).toThrow(expect.objectContaining({ code: 'ECONNREFUSED' }));
    rmSync(folder, { recursive: true });
  });

  test('has a path that fits', () => {
    expect(() => sendToUnixSocket('x'.repeat(109), 'READY=1')).toThrow(RangeError);
  });
});
