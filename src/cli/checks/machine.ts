/** What the machine allows: open files, the DTLS of Node, the built pages. */

import { existsSync, readFileSync } from 'node:fs';
import { errorText } from '../../base/errors.ts';
import type { Config } from '../../config/schema.ts';
import type { Environment } from '../environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export async function checkMachine(config: Config, environment: Pick<Environment, 'dtlsDriver' | 'pages'>): Promise<Finding[]> {
  return [...checkOpenFiles(config, openFileLimit()), await checkDtls(config, environment), ...checkPages(config, environment.pages)];
}

/** Sockets that are there without any call, files and threads. */
const ownFiles = 100;

/** A call takes a pair of ports; a connection one descriptor. */
export function checkOpenFiles({ limits }: Config, limit: number | undefined): Finding[] {
  if (limit === undefined) return [];
  const needed = limits.connections + 2 * limits.calls + ownFiles;
  if (limit >= needed) return [ok(`open files: ${limit} are allowed, ${needed} at most are needed`)];
  const advice = 'raise it (ulimit -n, or LimitNOFILE= of the systemd unit), or lower limits.connections and limits.calls';
  return [warning(`open files: ${limit} are allowed, but the configured limits may need ${needed}`, advice)];
}

/** Node raises the soft limit to the hard one. Linux only; undefined elsewhere. */
function openFileLimit(): number | undefined {
  try {
    const line = readFileSync('/proc/self/limits', 'utf8')
      .split('\n')
      .find((candidate) => candidate.startsWith('Max open files'));
    const limit = Number(line?.trim().split(/\s+/).at(4));
    return Number.isFinite(limit) ? limit : undefined;
  } catch {
    return undefined;
  }
}

async function checkDtls({ media }: Config, environment: Pick<Environment, 'dtlsDriver'>): Promise<Finding> {
  try {
    const { driver, reason } = await environment.dtlsDriver(media.dtls);
    if (driver.name === 'openssl') return ok(`DTLS: openssl (${reason})`);
    return warning(
      `DTLS: ${driver.name}, which costs several times the time of openssl (${reason})`,
      'use an official build of Node, with its optional packages',
    );
  } catch (error) {
    return problem(`DTLS: ${media.dtls} cannot be used: ${errorText(error)}`, 'set media.dtls to auto');
  }
}

function checkPages({ web }: Config, pages: string): Finding[] {
  if (!web.softphone) return [];
  return existsSync(pages)
    ? [ok('web.softphone: the pages are built')]
    : [problem(`web.softphone: there are no pages in ${pages}`, 'npm run build')];
}
