/** A running gateway, asked through its API. */

import { isLoopback } from '../../base/address.ts';
import { errorText } from '../../base/errors.ts';
import { loadConfig } from '../../config/load.ts';
import type { Environment } from '../environment.ts';
import { UsageError } from '../plain-error.ts';

export interface RemoteOptions {
  readonly url?: string;
  readonly token?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export interface Request {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Goes as JSON. */
  readonly body?: unknown;
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
}

const patienceMs = 40_000;

export class GatewayClient {
  readonly #base: string;
  readonly #token: string | undefined;

  /** Throws UsageError where neither options nor configuration say where the gateway is. */
  constructor(options: RemoteOptions, { variables }: Pick<Environment, 'variables'>) {
    this.#base = baseOf(options.url ?? variables['OFFHOOK_URL'] ?? configuredUrl(options, variables));
    this.#token = options.token ?? variables['OFFHOOK_TOKEN'];
  }

  /** The JSON of the answer. Rejects with UsageError, in the words of the gateway where it has any. */
  async ask<Result>(path: string, request: Request = {}): Promise<Result> {
    const text = await this.text(path, request);
    try {
      return (text === '' ? null : JSON.parse(text)) as Result;
    } catch {
      throw new UsageError(`${this.#base} answers, but not as offhook does: is that the right address?`);
    }
  }

  /** The answer as it stands. */
  async text(path: string, { method = 'GET', body, query = {} }: Request = {}): Promise<string> {
    const url = new URL(`${this.#base}/api/v1${path}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, value);
    const headers = new Headers();
    if (this.#token) headers.set('Authorization', `Bearer ${this.#token}`);
    if (body !== undefined) headers.set('Content-Type', 'application/json');
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await this.#send(url, { method, headers, signal: AbortSignal.timeout(patienceMs), redirect: 'error', ...content });
    const text = await response.text();
    if (!response.ok) throw new UsageError(refusalText(response.status, text, this.#token !== undefined));
    return text;
  }

  async #send(url: URL, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
      throw new UsageError(`no gateway answers at ${this.#base}: ${errorText(cause)}. Is it running? --url says where it is.`);
    }
  }
}

function baseOf(url: string): string {
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol)) {
    throw new UsageError(`--url: ${url} is no address such as http://localhost:8080`);
  }
  return url.endsWith('/') ? url.slice(0, -1) : url;
}

/** The configuration that the gateway was started with is found by --config, as when it was started. */
function configuredUrl({ config: file }: RemoteOptions, variables: Environment['variables']): string {
  const { http, https } = loadConfig({ file, env: variables });
  const listener = http ?? https;
  if (!listener) throw new UsageError('the configuration has no http and no https listener: --url says where the gateway is');
  const { host, port } = listener.listen;
  const name = host === '0.0.0.0' || host === '::' || isLoopback(host) ? 'localhost' : host;
  return `${http ? 'http' : 'https'}://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function refusalText(status: number, text: string, hasToken: boolean): string {
  const detail = detailOf(text) ?? `the gateway answers ${status}`;
  if (status === 401) return hasToken ? detail : `${detail}. Give one with --token or in OFFHOOK_TOKEN; offhook token create makes one.`;
  return detail;
}

/** Of problem details (RFC 9457). */
function detailOf(text: string): string | null {
  try {
    const problem: unknown = JSON.parse(text);
    const detail = typeof problem === 'object' && problem !== null && 'detail' in problem ? problem.detail : null;
    return typeof detail === 'string' ? detail : null;
  } catch {
    return null;
  }
}
