/** The HTTP API as this page speaks to it: JSON in, JSON out, problems as errors with a status. */

import type { Problem } from '../../../api/resources/problem.ts';

const base = '/api/v1';

/** `status` 0: no answer at all. */
export class ApiFailure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'ApiFailure';
    this.status = status;
  }
}

export class Client {
  readonly #token: string | null;
  readonly #refused: () => void;

  /** `refused` hears of every 401: the token is not, or no longer, good. */
  constructor(token: string | null, refused: () => void = () => {}) {
    this.#token = token;
    this.#refused = refused;
  }

  /** Rejects with an ApiFailure, or with an AbortError when `signal` says so. */
  async get<T>(path: string, signal?: AbortSignal): Promise<T> {
    const response = await this.open('GET', path, signal ? { signal } : {});
    return (await response.json()) as T;
  }

  /** A change; the answer's JSON, or null when it has no body. */
  async send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<T | null> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await this.open(method, path, body === undefined ? {} : { headers, body: JSON.stringify(body) });
    const text = await response.text();
    return text === '' ? null : (JSON.parse(text) as T);
  }

  /** The answer, its body yet unread. */
  async open(method: string, path: string, options: RequestInit = {}): Promise<Response> {
    const headers = new Headers(options.headers);
    if (this.#token !== null) headers.set('Authorization', `Bearer ${this.#token}`);
    const response = await this.#fetch(path, { ...options, method, headers, cache: 'no-store' });
    if (response.ok) return response;
    if (response.status === 401) this.#refused();
    throw new ApiFailure(response.status, await problemText(response));
  }

  /** Saves what is at `path` as a file: a plain link could not show the token. */
  async download(path: string, fileName: string): Promise<void> {
    const response = await this.open('GET', path);
    const url = URL.createObjectURL(await response.blob());
    const link = Object.assign(document.createElement('a'), { href: url, download: fileName });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  async #fetch(path: string, options: RequestInit): Promise<Response> {
    try {
      return await fetch(base + path, options);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiFailure(0, 'The gateway does not answer.');
    }
  }
}

async function problemText(response: Response): Promise<string> {
  try {
    const { detail, title } = (await response.json()) as Partial<Problem>;
    return detail ?? title ?? response.statusText;
  } catch {
    return response.statusText === '' ? `HTTP status ${response.status}` : response.statusText;
  }
}
