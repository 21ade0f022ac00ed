/** Programs of other makers: whether they are here, and how to get them. */

import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { inPackage } from '../package-root.ts';
import { MissingError } from './missing-error.ts';

const packages = {
  openssl: 'apt-get install openssl',
  gcc: 'apt-get install gcc libssl-dev',
  rtpengine: 'apt-get install --no-install-recommends rtpengine-daemon',
  kamailio: 'apt-get install --no-install-recommends kamailio kamailio-websocket-modules kamailio-tls-modules kamailio-outbound-modules',
} as const;

export type Program = keyof typeof packages;

/** The built gateway that the load benchmarks start. */
export const gatewayProgram = inPackage('dist', 'main.js');

export interface Needs {
  readonly programs?: readonly Program[];
  readonly gateway?: boolean;
  /** Folders with the name of the option that tells them, and a file that must lie in them. */
  readonly folders?: readonly { readonly option: string; readonly path: string | null; readonly file: string }[];
}

/** Throws MissingError, which names everything that is not here. */
export function requireAll({ programs = [], gateway = false, folders = [] }: Needs): void {
  const missing = programs.filter((program) => !isInstalled(program)).map((program) => `${program}: ${packages[program]}`);
  if (gateway && !existsSync(gatewayProgram)) missing.push('the built gateway: npm run build');
  for (const { option, path, file } of folders) {
    if (path === null) missing.push(`--${option} DIR or OFFHOOK_${option.toUpperCase()}: the folder that holds ${file}`);
    else if (!existsSync(join(path, file))) missing.push(`--${option} ${path}: there is no ${file} in it`);
  }
  if (missing.length > 0) throw new MissingError(missing);
}

export function isInstalled(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
