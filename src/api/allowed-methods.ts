/** Which methods a path takes, by the description of the API: what a 405 has to say (RFC 9110 section 15.5.6). */

import type { ApiDescription } from './api.ts';

export const methods = ['get', 'post', 'put', 'delete'] as const;

/** Upper case; empty for a path that does not exist. */
export function methodsOf(description: ApiDescription, path: string): string[] {
  const asked = path.split('/');
  for (const [template, operations] of Object.entries(description.paths ?? {})) {
    if (!fits(template.split('/'), asked)) continue;
    return methods.filter((method) => operations[method] !== undefined).map((method) => method.toUpperCase());
  }
  return [];
}

function fits(template: readonly string[], asked: readonly string[]): boolean {
  return template.length === asked.length && template.every((part, at) => part.startsWith('{') || part === asked[at]);
}
