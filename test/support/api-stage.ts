/** A gateway in this process with its API, a phone and a trunk, all over loopback sockets. */

import { silentLog } from '../../src/base/log.ts';
import { parseConfig } from '../../src/config/load.ts';
import { createGateway, type Gateway } from '../../src/gateway.ts';
import { testUser } from './gateway-process.ts';
import { loopbackConfig, phoneAt } from './loopback.ts';
import { TrunkPeer } from './trunk-peer.ts';
import type { WebSocketPhone } from './websocket-phone.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Of the body; undefined where it is no JSON. */
  readonly json: unknown;
}

export interface Asking {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export class ApiStage {
  readonly gateway: Gateway;
  readonly trunk: TrunkPeer;
  readonly #phones: WebSocketPhone[] = [];

  private constructor(gateway: Gateway, trunk: TrunkPeer) {
    this.gateway = gateway;
    this.trunk = trunk;
  }

  /** `config`: sections that replace what stands here. */
  static async open(config: Readonly<Record<string, unknown>> = {}): Promise<ApiStage> {
    const trunk = await TrunkPeer.open();
    const gateway = await createGateway(
      parseConfig({
        ...loopbackConfig([47_000, 47_999]),
        trunks: [
          { name: 'carrier', target: `sip:127.0.0.1:${trunk.address.port};transport=udp`, auth: { username: 'gw', password: 'gw-secret' } },
        ],
        routes: { outbound: [{ match: '^[0-9]{3,15}$', trunk: 'carrier' }], inbound: [{ match: '^alice$', users: [testUser.name] }] },
        ...config,
      }),
      { log: silentLog },
    );
    return new ApiStage(gateway, trunk);
  }

  get url(): string {
    return `http://127.0.0.1:${this.gateway.listeners.http?.port}`;
  }

  async phone(user = testUser.name, password = testUser.password): Promise<WebSocketPhone> {
    const phone = await phoneAt(this.gateway, { ...testUser, name: user, password });
    this.#phones.push(phone);
    return phone;
  }

  async ask(path: string, { method = 'GET', body, headers = {} }: Asking = {}): Promise<Answer> {
    const type = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(`${this.url}/api/v1${path}`, { method, headers: { ...type, ...headers }, ...content });
    const text = await response.text();
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, text, json: isJson && text !== '' ? JSON.parse(text) : undefined };
  }

  async close(): Promise<void> {
    await Promise.all(this.#phones.map((phone) => phone.close()));
    await this.gateway.close();
    this.trunk.close();
  }
}
