/** What the machine allows: open files, the drivers of the media path, the built pages. */

import { existsSync, readFileSync } from 'node:fs';
import { errorText } from '../../base/errors.ts';
import type { Config } from '../../config/schema.ts';
import type { ChosenDriver, Environment } from '../environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

type Machine = Pick<Environment, 'udpDriver' | 'dtlsDriver' | 'srtpDriver' | 'pages'>;

export async function checkMachine(config: Config, environment: Machine): Promise<Finding[]> {
  return [
    ...checkOpenFiles(config, openFileLimit()),
    ...(await checkDrivers(config, environment)),
    ...checkPages(config, environment.pages),
  ];
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

/** Which drivers serve, and why. The portable ones do the same more slowly. */
async function checkDrivers({ media }: Config, environment: Machine): Promise<Finding[]> {
  return [
    media.workers === 0 && media.driver === 'auto'
      ? ok('UDP: dgram (media.workers is 0, and mmsg would hold up what else the main thread does)')
      : await checkDriver('UDP', 'driver', media.driver, 'mmsg', () => environment.udpDriver(media.driver)),
    await checkDriver('DTLS', 'dtls', media.dtls, 'openssl', () => environment.dtlsDriver(media.dtls)),
    await checkDriver('SRTP', 'srtp', media.srtp, 'evp', () => environment.srtpDriver(media.srtp)),
  ];
}

async function checkDriver(of: string, key: string, choice: string, fast: string, choose: () => Promise<ChosenDriver>): Promise<Finding> {
  try {
    const { driver, reason } = await choose();
    if (driver.name === fast || choice !== 'auto') return ok(`${of}: ${driver.name} (${reason})`);
    return warning(
      `${of}: ${driver.name}, which costs several times the time of ${fast} (${reason})`,
      'use an official build of Node, with its optional packages',
    );
  } catch (error) {
    return problem(`${of}: ${choice} cannot be used: ${errorText(error)}`, `set media.${key} to auto`);
  }
}

function checkPages({ web }: Config, pages: string): Finding[] {
  if (!web.softphone) return [];
  return existsSync(pages)
    ? [ok('web.softphone: the pages are built')]
    : [problem(`web.softphone: there are no pages in ${pages}`, 'npm run build')];
}
