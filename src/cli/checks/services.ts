/** What the gateway needs beside calls: the file of its store, and those who are told of events. */

import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../../config/schema.ts';
import { codeOf, plainError } from '../plain-error.ts';
import { tryConnect } from '../probe.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { unreachableBecause } from './unreachable.ts';

const megabyte = 1024 * 1024;
const fewMegabytes = 200;

export async function checkServices(config: Pick<Config, 'store' | 'webhooks'>): Promise<Finding[]> {
  return [checkStore(config.store), ...(await Promise.all(config.webhooks.map(checkWebhook)))];
}

/** The database writes files of its own beside it, so its folder must be writable, too. */
export function checkStore({ path }: Config['store']): Finding {
  if (path === null) return ok('store.path: null, so call records, added users and tokens live as long as the process');
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    if (existsSync(path)) checkFile(path);
    const free = freeMegabytes(folder);
    if (free < fewMegabytes)
      return warning(`store.path: ${free} MB are free in ${folder}`, 'make room: records are lost when the disk is full');
    return ok(`store.path: ${path} can be written, ${free} MB are free`);
  } catch (error) {
    return problem(
      `store.path: ${path} cannot be written: ${codeOf(error) === 'ENOENT' ? `there is no ${folder}` : plainError(error)}`,
      `create ${folder}, and let the user that offhook runs as write in it; or set store.path`,
    );
  }
}

function checkFile(path: string): void {
  if (!statSync(path).isFile()) throw new Error('it is no file');
  accessSync(path, constants.R_OK | constants.W_OK);
}

function freeMegabytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return Math.floor((bavail * bsize) / megabyte);
}

async function checkWebhook({ url }: Config['webhooks'][number]): Promise<Finding> {
  const { hostname, port, protocol, origin } = new URL(url);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  try {
    await tryConnect({ host, port: Number(port || (protocol === 'https:' ? 443 : 80)) });
    return ok(`webhooks: ${origin} can be reached`);
  } catch (error) {
    return problem(`webhooks: ${origin}: ${unreachableBecause(error)}`, 'look at the address, and at firewalls in between');
  }
}
