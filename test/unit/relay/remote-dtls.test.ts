/** The relay's end of a DTLS thread; what both ends do together is in the contract suite of the drivers. */

import { beforeEach, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random.ts';
import { createCertificate } from '../../../src/dtls/certificate.ts';
import type { DtlsEndpoint, DtlsEvents, DtlsOptions } from '../../../src/dtls/endpoint.ts';
import { type EndpointId, keepConnection, readConnection, type ToDtlsThread } from '../../../src/relay/dtls-messages.ts';
import { RemoteDtls } from '../../../src/relay/remote-dtls.ts';

const certificate = createCertificate(seededRandom(1), 0);
const profile = 'SRTP_AEAD_AES_128_GCM';
const options: DtlsOptions = { role: 'server', certificate, profiles: [profile], mtu: 1200, now: () => 0 };
const bytes = (length: number, first = 1): Uint8Array => Uint8Array.from({ length }, (_, at) => first + at);
const connection = {
  profile,
  localKey: bytes(16),
  localSalt: bytes(12),
  remoteKey: bytes(16, 100),
  remoteSalt: bytes(12, 200),
  remoteCertificate: bytes(256, 0),
  goodbye: bytes(39),
} as const;

let posted: ToDtlsThread[];
let heard: string[];
let dtls: RemoteDtls;

beforeEach(() => {
  posted = [];
  heard = [];
  dtls = new RemoteDtls({ name: 'openssl', certificate, post: (message) => void posted.push(message) });
});

function create(events: Partial<DtlsEvents> = {}): DtlsEndpoint {
  return dtls.create(options, {
    send: (datagram) => void heard.push(`send ${datagram.length}`),
    connected: ({ localKey }) => void heard.push(`connected ${localKey.length}`),
    failed: (reason, detail) => void heard.push(`${reason}: ${detail}`),
    ...events,
  });
}

const stepped = (endpoint: EndpointId): void => dtls.receive({ type: 'stepped', endpoint });
const connect = (endpoint: EndpointId): void => dtls.receive({ type: 'connected', endpoint, connection: keepConnection(connection) });
const types = (): string[] => posted.map(({ type }) => type);

test('a connection comes through as it was', () => {
  const { remoteCertificate, ...rest } = readConnection(structuredClone(keepConnection(connection)));
  expect(Object.entries(rest).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])).toEqual(
    Object.entries(rest).map(([name]) => {
      const value = connection[name as keyof typeof rest];
      return [name, typeof value === 'string' ? value : [...value]];
    }),
  );
  expect([...remoteCertificate]).toEqual([...connection.remoteCertificate]);
});

test('counts the steps that the other thread is at', () => {
  const [one, other] = [create(), create()];
  one.start();
  one.receive(bytes(20));
  other.receive(bytes(20));
  expect(dtls.pending).toBe(3);
  stepped(1);
  stepped(2);
  expect(dtls.pending).toBe(1);
  one.close();
  stepped(1);
  expect(dtls.pending).toBe(0);
  expect(types()).toEqual(['create', 'create', 'start', 'datagram', 'datagram', 'close']);
});

test('a peer that floods has 16 datagrams waiting at most, all peers together 1024', () => {
  const flooded = create();
  for (let sent = 0; sent < 1000; sent++) flooded.receive(bytes(20));
  expect(dtls.pending).toBe(16);
  stepped(1);
  flooded.receive(bytes(20));
  expect(dtls.pending).toBe(16);
  for (let peers = 0; peers < 100; peers++) {
    const endpoint = create();
    for (let sent = 0; sent < 20; sent++) endpoint.receive(bytes(20));
  }
  expect(dtls.pending).toBe(1024);
});

test('says goodbye as soon as it is closed, without asking the other thread', () => {
  const endpoint = create();
  endpoint.receive(bytes(20));
  connect(1);
  stepped(1);
  endpoint.close();
  endpoint.close();
  expect(heard).toEqual(['connected 16', 'send 39']);
  expect(types()).toEqual(['create', 'datagram', 'close']);
});

test('hears nothing of an endpoint that is closed', () => {
  create().close();
  dtls.receive({ type: 'send', endpoint: 1, datagram: 'late' });
  connect(1);
  dtls.receive({ type: 'failed', endpoint: 1, reason: 'dtls-timeout', detail: '' });
  stepped(1);
  expect(heard).toEqual([]);
  expect(dtls.pending).toBe(0);
});

test('a thread that dies fails the handshakes on it; keys that it made stay good', () => {
  create();
  create();
  connect(2);
  dtls.lost('out of memory');
  expect(heard).toEqual(['connected 16', 'dtls-handshake-failed: out of memory']);
});

test('asks nothing of the next thread about what the one that died had', () => {
  const endpoint = create();
  endpoint.receive(bytes(20));
  connect(1);
  dtls.lost('out of memory');
  expect(dtls.pending).toBe(0);
  endpoint.receive(bytes(20));
  endpoint.close();
  expect(dtls.pending).toBe(0);
  expect(types()).toEqual(['create', 'datagram']);
  expect(heard).toEqual(['connected 16', 'send 39']);
});

test('a broken invariant in one listener is its own failure', () => {
  const failures: string[] = [];
  create({
    connected: () => {
      throw new Error('broken invariant');
    },
    failed: (reason, detail) => void failures.push(`${reason}: ${detail}`),
  });
  create();
  connect(1);
  connect(2);
  expect(failures).toEqual(['dtls-handshake-failed: broken invariant']);
  expect(heard).toEqual(['connected 16']);
});

test('makes no endpoint with a certificate that the other thread does not have', () => {
  expect(() => dtls.create({ ...options, certificate: createCertificate(seededRandom(2), 0) }, {} as DtlsEvents)).toThrow(/certificate/);
});
