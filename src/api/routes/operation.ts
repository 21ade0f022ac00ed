/** What all operations of the API have in common: the role they need, how they answer, and what can go wrong. */

import { STATUS_CODES } from 'node:http';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { MiddlewareHandler } from 'hono';
import { z } from 'zod';
import { needs } from '../access.ts';
import type { ApiEnvironment } from '../local-only.ts';
import { ApiProblem } from '../problem.ts';
import type { Role } from '../resources/node.ts';
import { problemSchema } from '../resources/problem.ts';
import { callIdSchema, trunkNameSchema, userNameSchema } from '../resources/values.ts';

export type ApiRoutes = OpenAPIHono<ApiEnvironment>;

/** Routes that refuse what does not fit their schemas. */
export function apiRoutes(): ApiRoutes {
  return new OpenAPIHono<ApiEnvironment>({
    defaultHook: (result) => {
      if (result.success) return;
      const errors = result.error.issues.map(({ path, message }) => ({ path: [result.target, ...path].join('.'), message }));
      throw new ApiProblem(400, errors.map(({ path, message }) => `${path}: ${message}`).join('; '), { errors });
    },
  });
}

interface Guard {
  readonly middleware: MiddlewareHandler<ApiEnvironment>;
  readonly security: Array<Record<string, string[]>>;
  readonly tags: string[];
  readonly 'x-role': Role;
}

/** For an operation of this noun that needs this role. */
export function guarded(noun: string, role: Role): Guard {
  return { middleware: needs(role), security: [{ token: [] }], tags: [noun], 'x-role': role };
}

export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
  return { description, content: { 'application/json': { schema } } } as const;
}

export function body<Schema extends z.ZodType>(schema: Schema) {
  return { required: true, content: { 'application/json': { schema } } } as const;
}

export const noContent = { description: 'Done.' } as const;

/** Plain text, CSV, a capture: what is not JSON. */
export function file(type: string, description: string) {
  return { description, content: { [type]: { schema: z.string() } } };
}

const always = [400, 401, 403, 429, 500] as const;

type Problems = Record<string, { description: string; content: { 'application/problem+json': { schema: typeof problemSchema } } }>;

/** The answers that are problems: those that every operation has, and these. */
export function problems(...statuses: readonly number[]): Problems {
  const content = { 'application/problem+json': { schema: problemSchema } };
  return Object.fromEntries([...always, ...statuses].map((status) => [status, { description: STATUS_CODES[status] ?? 'Error', content }]));
}

export const callParams = z.object({ callId: callIdSchema });
export const userParams = z.object({ name: userNameSchema });
export const trunkParams = z.object({ name: trunkNameSchema });
