import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../../../src/base/random.ts';
import { createResponse } from '../../../../src/sip/message/build.ts';
import type { SipRequest } from '../../../../src/sip/message/message.ts';
import { parseMessage } from '../../../../src/sip/message/parse.ts';
import { printMessage } from '../../../../src/sip/message/print.ts';
import { parseUri } from '../../../../src/sip/message/uri.ts';
import { type OptionsAnswer, probeWithOptions } from '../../../../src/sip/transport/options-probe.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A UDP server; `answer` gives what it sends for each request that it gets. */
async function server(
  answer: (request: SipRequest, count: number) => Uint8Array[],
): Promise<{ port: number; requests: SipRequest[]; ports: number[] }> {
  const socket: Socket = createSocket('udp4');
  closers.push(() => socket.close());
  const requests: SipRequest[] = [];
  const ports: number[] = [];
  socket.on('message', (bytes, from) => {
    const message = parseMessage(bytes);
    if (message.kind !== 'request') return;
    requests.push(message);
    ports.push(from.port);
    for (const response of answer(message, requests.length)) socket.send(response, from.port, from.address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { port: socket.address().port, requests, ports };
}

function ask(port: number, more: { transport?: 'udp' | 'tcp'; localPort?: number; timeoutMs?: number } = {}): Promise<OptionsAnswer> {
  const { transport = 'udp', localPort, timeoutMs = 2000 } = more;
  return probeWithOptions({
    server: { transport, address: { host: '127.0.0.1', port } },
    uri: parseUri(`sip:127.0.0.1:${port};transport=${transport}`),
    local: localPort === undefined ? null : { host: '127.0.0.1', port: localPort },
    advertise: '203.0.113.5',
    random: seededRandom(1),
    timeoutMs,
  });
}

describe('OPTIONS from outside of a gateway', () => {
  test('is a request that a server can answer, and its final answer is told', async () => {
    const { port, requests } = await server((request) => [
      printMessage(createResponse(request, 100)),
      printMessage(createResponse(request, 405)),
    ]);
    expect(await ask(port)).toMatchObject({ status: 405, reason: 'Method Not Allowed', fromOwnPort: false });
    const [request] = requests;
    expect(request?.method).toBe('OPTIONS');
    expect(request?.headers.topVia).toMatchObject({ transport: 'UDP', host: '203.0.113.5' });
    expect(request?.headers.topVia.params.has('rport')).toBe(true);
    expect(request?.headers.maxForwards).toBe(70);
  });

  test('comes from the port of the gateway, if that is free', async () => {
    const { port, ports } = await server((request) => [printMessage(createResponse(request, 200))]);
    const other = await server(() => []);
    const free = 47_310;
    expect(await ask(port, { localPort: free })).toMatchObject({ status: 200, fromOwnPort: true });
    expect(await ask(port, { localPort: other.port })).toMatchObject({ status: 200, fromOwnPort: false });
    expect(ports[0]).toBe(free);
  });

  test('is repeated over UDP; other answers and rubbish are passed over', async () => {
    const { port, requests } = await server((request, count) => {
      const stranger = createResponse(request, 200);
      stranger.headers.set('Call-ID', 'another');
      return [printMessage(stranger), Buffer.from('rubbish'), ...(count > 1 ? [printMessage(createResponse(request, 200))] : [])];
    });
    expect((await ask(port)).status).toBe(200);
    expect(requests).toHaveLength(2);
    expect(requests[1]?.headers.topVia.params.get('branch')).toBe(requests[0]?.headers.topVia.params.get('branch'));
  });

  test('without answer ends with ETIMEDOUT, to a closed port with ECONNREFUSED', async () => {
    const { port } = await server(() => []);
    await expect(ask(port, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    const closed = createSocket('udp4').bind(0, '127.0.0.1');
    await once(closed, 'listening');
    const closedPort = closed.address().port;
    closed.close();
    await expect(ask(closedPort)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('goes over TCP, too', async () => {
    const listener = createServer((socket) => {
      socket.on('data', (bytes) => {
        const message = parseMessage(bytes);
        if (message.kind === 'request') socket.write(printMessage(createResponse(message, 200)));
      });
    }).listen(0, '127.0.0.1');
    closers.push(() => listener.close());
    await once(listener, 'listening');
    const bound = listener.address();
    expect(await ask(typeof bound === 'object' && bound ? bound.port : 0, { transport: 'tcp' })).toMatchObject({ status: 200 });
  });
});
