/** What tshark makes of a capture file. */

import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { program } from './needs.ts';

const run = promisify(execFile);

const hepDissector = fileURLToPath(new URL('./hep.lua', import.meta.url));

/** The packets of a capture: of each the values of these fields, '' where a packet has none. Checksums are verified. */
export async function dissect(capture: Uint8Array, fields: readonly string[]): Promise<string[][]> {
  const folder = await mkdtemp(join(tmpdir(), 'offhook-capture-'));
  const file = join(folder, 'call.pcapng');
  try {
    await writeFile(file, capture);
    const checks = ['ip.check_checksum', 'udp.check_checksum', 'tcp.check_checksum'].flatMap((name) => ['-o', `${name}:TRUE`]);
    const wanted = fields.flatMap((field) => ['-e', field]);
    const { stdout } = await run(program('tshark'), [
      '-n',
      '-X',
      `lua_script:${hepDissector}`,
      '-r',
      file,
      ...checks,
      '-T',
      'fields',
      '-E',
      'separator=|',
      ...wanted,
    ]);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split('|'));
  } finally {
    await rm(folder, { recursive: true });
  }
}
