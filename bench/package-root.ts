/** Where the package lies, from the sources as from the build. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packageRoot = rootAbove(dirname(fileURLToPath(import.meta.url)));

export function inPackage(...parts: string[]): string {
  return join(packageRoot, ...parts);
}

function rootAbove(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : rootAbove(dirname(folder));
}
