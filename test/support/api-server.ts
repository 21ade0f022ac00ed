/** The API on a loopback port, with a gateway behind it that a test wants none of. */

import { Access, type TokenVerifier } from '../../src/api/access.ts';
import { ApiServer, type ApiServerOptions } from '../../src/api/server.ts';
import { systemClock } from '../../src/base/clock.ts';
import { silentLog } from '../../src/base/log.ts';
import { ConnectionCounter } from '../../src/sip/transport/limits.ts';
import { FakeControl } from './fake-control.ts';

const places = { connections: 300, connectionsPerAddress: 300 };

export const noTokens: TokenVerifier = { any: async () => false, verify: async () => null };

/** For this machine without a token, and without pages. `more` replaces what stands here. */
export function openApiServer(more: Partial<ApiServerOptions> = {}): Promise<ApiServer> {
  return ApiServer.open({
    control: new FakeControl(),
    access: new Access({ tokens: noTokens, expose: false, clock: systemClock, refused: () => {} }),
    clock: systemClock,
    version: '1.0.0',
    metrics: null,
    pages: null,
    softphone: null,
    log: silentLog,
    http: { listen: { host: '127.0.0.1', port: 0 } },
    https: null,
    places: new ConnectionCounter(places),
    upgrade: () => {},
    ...more,
  });
}
