/** Whether anybody can call anybody, and whether strangers could. */

import type { Config } from '../../config/schema.ts';
import { type Finding, ok, warning } from './finding.ts';

const shortestPassword = 8;

export function checkPeople(config: Config): Finding[] {
  return [...checkUsers(config), ...checkRoutes(config), ...checkOrigins(config)];
}

function checkUsers({ users }: Config): Finding[] {
  if (users.length === 0) return [warning('users: there are none, so nobody can register', 'name them in users')];
  const weak = users.filter(({ name, password }) => password.length < shortestPassword || password === name).map(({ name }) => name);
  if (weak.length === 0) return [ok(`users: ${users.length}`)];
  return [
    warning(
      `users: short passwords (${weak.join(', ')})`,
      `use at least ${shortestPassword} characters: whoever guesses one makes calls at your cost`,
    ),
  ];
}

function checkRoutes({ trunks, routes }: Config): Finding[] {
  if (trunks.length === 0) return [warning('trunks: there are none, so there is nobody to call', 'name one in trunks')];
  const missing = [
    ...(routes.outbound.length === 0
      ? [warning('routes.outbound: none, so browsers can call nobody', 'name which numbers go to which trunk')]
      : []),
    ...(routes.inbound.length === 0
      ? [warning('routes.inbound: none, so calls from trunks are refused', 'name which numbers ring which users')]
      : []),
  ];
  return missing.length > 0 ? missing : [ok(`routes: ${routes.outbound.length} outbound, ${routes.inbound.length} inbound`)];
}

function checkOrigins({ allowedOrigins }: Config): Finding[] {
  if (!allowedOrigins.includes('*')) return [];
  return [warning('allowedOrigins: "*" lets the pages of any web site connect', 'list the origins of your own pages')];
}
