/** The built DTLS drivers where the product runs: in threads that come and go, and on a platform without FFI. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { withoutFfi } from '../support/without-ffi.ts';

const run = promisify(execFile);
const path = (relative: string): string => new URL(relative, import.meta.url).pathname;

async function choose(choice: string, flags: readonly string[]): Promise<string> {
  const script = `import { dtlsDriver } from ${JSON.stringify(path('../../dist/dtls/driver.js'))};
    const { driver, reason } = await dtlsDriver('${choice}').catch((error) => ({ driver: { name: 'none' }, reason: error.message }));
    console.log(driver.name + ': ' + reason);`;
  const { stdout } = await run(process.execPath, [...flags, '--input-type=module', '--eval', script]);
  return stdout.trim();
}

test('threads that end in the middle of handshakes do not take the process with them', async () => {
  const { stdout } = await run(process.execPath, [path('../support/dtls-threads.js')]);
  expect(stdout).toBe('all connected\n');
});

test('OpenSSL serves where there is FFI', async () => {
  expect(await choose('auto', [])).toBe('openssl: OpenSSL inside Node passed its self-test');
});

test('werift serves where there is none, and the reason is told', async () => {
  expect(await choose('auto', withoutFfi)).toBe('werift: OpenSSL inside Node cannot be used: no koffi binary for this platform');
});

test('OpenSSL that was asked for by name is refused where there is no FFI', async () => {
  expect(await choose('openssl', withoutFfi)).toBe('none: no koffi binary for this platform');
});
