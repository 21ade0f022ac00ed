/** Every error of the API as problem details (RFC 9457). */

import { STATUS_CODES } from 'node:http';
import type { Problem } from './resources/problem.ts';

/** Thrown by whoever knows what is wrong with a request; answered in one place. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly errors: Problem['errors'];

  /** `detail` is one sentence for whoever made the request. */
  constructor(status: number, detail: string, more: { headers?: Readonly<Record<string, string>>; errors?: Problem['errors'] } = {}) {
    super(detail);
    this.name = 'ApiProblem';
    this.status = status;
    this.headers = more.headers ?? {};
    this.errors = more.errors;
  }
}

export function notFound(what: string): ApiProblem {
  return new ApiProblem(404, `there is no ${what}`);
}

export function answerProblem({ status, message, headers, errors }: ApiProblem): Response {
  const title = STATUS_CODES[status] ?? 'Error';
  const problem: Problem = { type: 'about:blank', title, status, detail: message, ...(errors ? { errors } : {}) };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store', ...headers },
  });
}
