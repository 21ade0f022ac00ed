/** OpenSSL's command line as an independent DTLS peer, and the UDP socket on which a party meets it. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Certificate } from '../../src/dtls/certificate.ts';
import type { Party } from './dtls-party.ts';
import { program } from './needs.ts';
import { until } from './until.ts';

export interface UdpParty {
  readonly port: number;
  close(): void;
}

/** Puts the party on a loopback port; it answers whoever spoke last, or speaks to `remotePort` first. */
export async function bindParty(party: Party, remotePort?: number): Promise<UdpParty> {
  const socket = createSocket('udp4');
  let peer = remotePort;
  party.deliver = (datagram) => {
    if (peer !== undefined) socket.send(datagram, peer, '127.0.0.1');
  };
  socket.on('message', (datagram, from) => {
    peer = from.port;
    party.receive(datagram);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
  const close = (): void => {
    party.close();
    socket.close();
  };
  return { port: socket.address().port, close };
}

export function pem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

/** PEM */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export class OpensslPeer {
  #output = '';
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(args: readonly string[], identity?: Identity) {
    this.#folder = mkdtempSync(join(tmpdir(), 'dtls-peer-'));
    const files = identity ? this.#write(identity) : [];
    this.#child = spawn(program('openssl'), [...args, ...files], { stdio: ['pipe', 'pipe', 'pipe'] });
    const hear = (chunk: Buffer): void => {
      this.#output += chunk.toString();
    };
    this.#child.stdout?.on('data', hear);
    this.#child.stderr?.on('data', hear);
    this.#child.stdin?.on('error', () => {});
  }

  static client(port: number, certificate: Certificate, args: readonly string[] = []): OpensslPeer {
    return OpensslPeer.clientWith(port, identityOf(certificate), args);
  }

  static clientWith(port: number, identity: Identity, args: readonly string[] = []): OpensslPeer {
    return new OpensslPeer(['s_client', '-connect', `127.0.0.1:${port}`, ...version(args)], identity);
  }

  static clientWithoutCertificate(port: number, args: readonly string[] = []): OpensslPeer {
    return new OpensslPeer(['s_client', '-connect', `127.0.0.1:${port}`, ...version(args)]);
  }

  static server(port: number, certificate: Certificate, args: readonly string[] = []): Promise<OpensslPeer> {
    return OpensslPeer.serverWith(port, identityOf(certificate), args);
  }

  static async serverWith(port: number, identity: Identity, args: readonly string[] = []): Promise<OpensslPeer> {
    const peer = new OpensslPeer(['s_server', '-accept', `127.0.0.1:${port}`, '-Verify', '1', ...version(args)], identity);
    await peer.says(/ACCEPT/);
    return peer;
  }

  /** The first match in what it printed. Rejects after five seconds. */
  async says(pattern: RegExp): Promise<RegExpMatchArray> {
    return until(`OpenSSL to say ${pattern}`, () => this.#output.match(pattern) ?? undefined, 5_000).catch((error: Error) => {
      throw new Error(`${error.message}; it said:\n${this.#output}`);
    });
  }

  /** Asks it to end its connection with close_notify. */
  quit(): void {
    this.#child.stdin?.write('Q\n');
  }

  close(): void {
    this.#child.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #write(identity: Identity): string[] {
    const cert = join(this.#folder, 'cert.pem');
    const key = join(this.#folder, 'key.pem');
    writeFileSync(cert, identity.cert);
    writeFileSync(key, identity.key);
    return ['-cert', cert, '-key', key];
  }
}

/** DTLS 1.2 unless the arguments ask for another. */
function version(args: readonly string[]): readonly string[] {
  return args.some((arg) => arg.startsWith('-dtls')) ? args : ['-dtls1_2', ...args];
}

function identityOf(certificate: Certificate): Identity {
  return { cert: pem('CERTIFICATE', certificate.certDer), key: pem('EC PRIVATE KEY', certificate.keyDer) };
}

/** A self-signed RSA certificate of OpenSSL's own making. */
export function rsaIdentity(bits = 2048): Identity {
  const made = spawnSync(program('openssl'), [
    'req',
    '-x509',
    '-newkey',
    `rsa:${bits}`,
    '-nodes',
    '-subj',
    '/CN=rsa',
    '-keyout',
    '-',
    '-out',
    '-',
  ]);
  const text = made.stdout.toString();
  const start = text.indexOf('-----BEGIN CERTIFICATE-----');
  return { key: text.slice(0, start), cert: text.slice(start) };
}
