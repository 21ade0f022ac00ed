/** A server certificate for wss tests, made by OpenSSL, and the pin by which Chromium accepts it. */

import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from './needs.ts';

export interface ServerCertificate {
  readonly certFile: string;
  readonly keyFile: string;
  /** SHA-256 of the public key, base64: for `--ignore-certificate-errors-spki-list`. */
  readonly spkiPin: string;
}

export function makeServerCertificate(folder: string): ServerCertificate {
  const [certFile, keyFile] = [join(folder, 'server.pem'), join(folder, 'server.key')];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', keyFile];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync(program('openssl'), ['req', '-x509', '-days', '2', '-out', certFile, ...key, ...names], { stdio: 'pipe' });
  const publicKey = new X509Certificate(readFileSync(certFile)).publicKey.export({ type: 'spki', format: 'der' });
  return { certFile, keyFile, spkiPin: createHash('sha256').update(publicKey).digest('base64') };
}
