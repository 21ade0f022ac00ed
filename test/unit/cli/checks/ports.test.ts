import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { checkPorts, checkRange } from '../../../../src/cli/checks/ports.ts';
import { levels, local } from './local-config.ts';

describe('ports', () => {
  test('free ones are fine', async () => {
    const findings = await checkPorts(local());
    expect(findings.filter(({ level }) => level !== 'ok')).toEqual([]);
    expect(findings).toHaveLength(8);
  });

  test('a taken one is a problem with advice, TCP and UDP alike; in the trunk range a warning', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(46200, '127.0.0.1', resolve));
    const bound = server.address();
    const port = typeof bound === 'object' && bound ? bound.port : 0;
    const findings = await checkPorts(local({ http: { listen: `127.0.0.1:${port}` }, sip: { udp: '127.0.0.1:46200', tcp: null } }));
    server.close();
    socket.close();
    expect(levels(findings.filter(({ level }) => level !== 'ok'))).toEqual([
      `problem http.listen: TCP 127.0.0.1:${port} is in use by another program`,
      'warning media.trunk.ports: UDP 127.0.0.1:46200 is in use by another program',
      'problem sip.udp: UDP 127.0.0.1:46200 is in use by another program',
    ]);
    expect(findings.every(({ level, advice }) => level === 'ok' || advice)).toBe(true);
  });

  test('the range is held against the calls that are allowed', () => {
    expect(checkRange(local({ limits: { calls: 50 } })).level).toBe('ok');
    expect(checkRange(local({ limits: { calls: 51 } }))).toMatchObject({ level: 'warning', text: expect.stringContaining('50 pairs') });
  });

  test('an address of another machine', async () => {
    const findings = await checkPorts(local({ sip: { udp: '203.0.113.1:5060', tcp: null } }));
    expect(levels(findings)).toContain('problem sip.udp: UDP 203.0.113.1:5060 is no address of this machine');
  });
});
