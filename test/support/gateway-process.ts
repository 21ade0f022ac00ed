/** The built gateway as a process of its own: `node dist/main.js start --config FILE`. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeServerCertificate, type ServerCertificate } from './certificate.ts';
import { Child, type Exit } from './child.ts';
import type { UdpAddress } from './plain-sip.ts';
import { until } from './until.ts';

const main = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

export interface GatewayOptions {
  /** Where its trunk `carrier` is. */
  readonly trunk: UdpAddress;
  /** Origins of test pages. */
  readonly origins: readonly string[];
  /** Serves wss too. */
  readonly secure?: boolean;
  /** More of the configuration: each section replaces what stands here. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More settings of the trunk. */
  readonly trunkSettings?: Readonly<Record<string, unknown>>;
  /** Environment variables beside ours. */
  readonly env?: NodeJS.ProcessEnv;
  /** Options of Node itself. */
  readonly nodeArgs?: readonly string[];
}

export interface LogLine {
  readonly msg: string;
  readonly [field: string]: unknown;
}

export const testDomain = 'example.com';
export const testUser = { name: 'alice', password: 'secret', callerId: '+15550100' };

interface Listeners {
  readonly http: UdpAddress;
  readonly https: UdpAddress | null;
  readonly udp: UdpAddress;
  readonly tcp: UdpAddress | null;
}

export class GatewayProcess {
  readonly listeners: Listeners;
  readonly certificate: ServerCertificate | null;
  readonly #child: Child;
  readonly #folder: string;
  readonly #options: GatewayOptions;

  private constructor(child: Child, folder: string, options: GatewayOptions, certificate: ServerCertificate | null, listeners: Listeners) {
    this.#child = child;
    this.#folder = folder;
    this.#options = options;
    this.certificate = certificate;
    this.listeners = listeners;
  }

  /** Resolves when it is ready; rejects with its output when it ends instead. */
  static async start(options: GatewayOptions): Promise<GatewayProcess> {
    const folder = mkdtempSync(join(tmpdir(), 'offhook-'));
    const certificate = options.secure ? makeServerCertificate(folder) : null;
    const file = join(folder, 'config.yaml');
    writeConfiguration(file, options, certificate);
    const child = new Child(process.execPath, [...(options.nodeArgs ?? []), main, 'start', '--config', file], {
      env: { ...process.env, ...options.env },
    });
    await until('the gateway', () => says(child, 'offhook is ready') !== undefined || !child.running);
    if (!child.running) throw new Error(`the gateway ended: ${child.output}`);
    return new GatewayProcess(child, folder, options, certificate, says(child, 'listening') as unknown as Listeners);
  }

  /** The SIP WebSocket. */
  get url(): string {
    return `ws://${this.listeners.http.host}:${this.listeners.http.port}/sip`;
  }

  get secureUrl(): string {
    return `wss://${this.listeners.https?.host}:${this.listeners.https?.port}/sip`;
  }

  /** Its log so far. */
  get log(): LogLine[] {
    return logLines(this.#child);
  }

  /** Everything that it wrote, for a failed test. */
  get output(): string {
    return this.#child.output;
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  async get(path: string): Promise<unknown> {
    const response = await fetch(`http://${this.listeners.http.host}:${this.listeners.http.port}${path}`);
    return response.json();
  }

  async post(path: string, body: object): Promise<unknown> {
    const options = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    const response = await fetch(`http://${this.listeners.http.host}:${this.listeners.http.port}${path}`, options);
    return response.json();
  }

  get running(): boolean {
    return this.#child.running;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.signal(name);
  }

  /** Sections of the configuration are replaced, a certificate is renewed, SIGHUP; resolves with the log line that says what came of it. */
  async reload(config: Readonly<Record<string, unknown>>): Promise<LogLine> {
    const certificate = this.certificate ? makeServerCertificate(this.#folder) : null;
    const options = { ...this.#options, config: { ...this.#options.config, ...config } };
    writeConfiguration(join(this.#folder, 'config.yaml'), options, certificate);
    const before = this.log.length;
    this.signal('SIGHUP');
    return until('the configuration to be read', () => this.log.slice(before).find(({ msg }) => msg.startsWith('configuration ')));
  }

  /** SIGTERM, and its exit. */
  async stop(): Promise<Exit> {
    const exit = await this.#child.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    return exit;
  }
}

function writeConfiguration(file: string, options: GatewayOptions, certificate: ServerCertificate | null): void {
  writeFileSync(file, JSON.stringify(configuration(options, certificate))); // JSON is YAML
}

function configuration(options: GatewayOptions, certificate: ServerCertificate | null): Record<string, unknown> {
  const { trunk, origins, trunkSettings = {}, config = {} } = options;
  return {
    domain: testDomain,
    http: { listen: '127.0.0.1:0' },
    ...(certificate ? { https: { listen: '127.0.0.1:0', cert: certificate.certFile, key: certificate.keyFile } } : {}),
    allowedOrigins: origins,
    sip: { udp: '127.0.0.1:0', tcp: null },
    media: { browser: { bind: '127.0.0.1', port: 0 }, trunk: { bind: '127.0.0.1' } },
    users: [testUser],
    trunks: [{ name: 'carrier', target: `sip:${trunk.host}:${trunk.port};transport=udp`, ...trunkSettings }],
    routes: { outbound: [{ match: '^[0-9]{3,15}$', trunk: 'carrier' }], inbound: [{ match: '.*', users: [testUser.name] }] },
    log: { level: 'debug', format: 'json' },
    ...config,
  };
}

function says(child: Child, words: string): LogLine | undefined {
  return logLines(child).find(({ msg }) => msg === words);
}

function logLines(child: Child): LogLine[] {
  return child.output.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as LogLine];
    } catch {
      return [];
    }
  });
}
