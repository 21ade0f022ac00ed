/** A gateway in this process, and a phone at it, all over loopback sockets. */

import type { Gateway } from '../../src/gateway.ts';
import { testDomain, testUser } from './gateway-process.ts';
import { WebSocketPhone } from './websocket-phone.ts';

const origin = 'http://phone.test';

/** What such gateways have in common: all but trunks and routes. `ports`: for RTP towards trunks, no other test's. */
export function loopbackConfig(ports: readonly [number, number]): Readonly<Record<string, unknown>> {
  return {
    domain: testDomain,
    http: { listen: '127.0.0.1:0' },
    allowedOrigins: [origin],
    sip: { udp: '127.0.0.1:0', tcp: null },
    media: { browser: { bind: '127.0.0.1', port: 0 }, trunk: { bind: '127.0.0.1', ports }, workers: 0, driver: 'dgram' },
    users: [testUser],
  };
}

export function phoneAt({ listeners }: Gateway, { name: user, password } = testUser): Promise<WebSocketPhone> {
  const url = `ws://127.0.0.1:${listeners.http?.port}/sip`;
  return WebSocketPhone.registered({ url, origin, user, password, domain: testDomain });
}
