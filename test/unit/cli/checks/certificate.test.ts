import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkCertificate } from '../../../../src/cli/checks/certificate.ts';
import { levels, local } from './local-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'offhook-check-'));
const cert = join(folder, 'cert.pem');
const key = join(folder, 'key.pem');
const otherKey = join(folder, 'other.pem');

beforeAll(() => {
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  const req = (keyFile: string, certFile: string): void => {
    execFileSync('openssl', ['req', '-x509', ...ec, '-nodes', '-subj', '/CN=gw', '-days', '30', '-keyout', keyFile, '-out', certFile], {
      stdio: 'ignore',
    });
  };
  req(otherKey, join(folder, 'unused.pem'));
  req(key, cert);
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the certificate', () => {
  const now = Date.now() + 60_000; // certificates are made a little later than this line is read
  const day = 86_400_000;
  const https = (files: { cert?: string; key?: string } = {}) => local({ https: { listen: '127.0.0.1:0', cert, key, ...files } });

  test('is looked at when there is one', () => {
    expect(checkCertificate(local(), now)).toEqual([]);
    expect(levels(checkCertificate(https(), now))).toEqual([
      expect.stringMatching(/^ok https.cert is valid for (29|30) days/),
      expect.stringContaining('warning https.cert is signed by itself'),
    ]);
  });

  test.each([
    [20 * day, 'warning https.cert expires in 9 days'],
    [31 * day, 'problem https.cert has expired'],
    [-2 * day, 'problem https.cert is not valid before'],
  ])('%i ms from now: %s', (ahead, expected) => {
    expect(levels(checkCertificate(https(), now + ahead))[0]).toContain(expected.replace('9 days', ''));
  });

  test('that does not fit its key, or cannot be read, is a problem', () => {
    expect(levels(checkCertificate(https({ key: otherKey }), now))[0]).toContain('problem https.key is not the key');
    expect(levels(checkCertificate(https({ cert: '/nowhere.pem' }), now))[0]).toContain('ENOENT');
    expect(levels(checkCertificate(https({ cert: key }), now))[0]).toContain('problem https: the certificate cannot be read');
  });
});

describe('the chain of the certificate', () => {
  const now = Date.now() + 60_000;
  const files = (name: string) => ({ key: join(folder, `${name}.key`), cert: join(folder, `${name}.pem`) });
  const texts = (cert: string, keyFile: string) =>
    levels(checkCertificate(local({ https: { listen: '127.0.0.1:0', cert, key: keyFile } }), now));

  /** Signed by another one of these, or by itself. */
  function issue(name: string, by: string, authority: boolean): void {
    const [own, issuer] = [files(name), files(by)];
    const request = join(folder, `${name}.csr`);
    const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-subj', `/CN=${name}`];
    const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
    writeFileSync(join(folder, 'extensions'), `basicConstraints=CA:${authority ? 'TRUE' : 'FALSE'}\n`);
    openssl('req', ...ec, '-keyout', own.key, '-out', request);
    const signing = name === by ? ['-signkey', own.key] : ['-CA', issuer.cert, '-CAkey', issuer.key, '-CAcreateserial'];
    openssl('x509', '-req', '-in', request, ...signing, '-days', '30', '-extfile', join(folder, 'extensions'), '-out', own.cert);
  }

  beforeAll(() => {
    issue('root', 'root', true);
    issue('middle', 'root', true);
    issue('leaf', 'middle', false);
  });

  test('an authority of one’s own is told, by name', () => {
    const chain = join(folder, 'chain.pem');
    writeFileSync(chain, ['leaf', 'middle'].map((name) => readFileSync(files(name).cert, 'utf8')).join(''));
    expect(texts(chain, files('leaf').key)).toEqual([
      expect.stringMatching(/^ok https.cert is valid/),
      'warning https.cert: no authority that browsers know signed CN=middle, but CN=root',
    ]);
  });

  test('a wrong order or a stranger in the chain is a problem', () => {
    const chain = join(folder, 'disorder.pem');
    writeFileSync(chain, ['leaf', 'root', 'middle'].map((name) => readFileSync(files(name).cert, 'utf8')).join(''));
    expect(texts(chain, files('leaf').key)[1]).toBe('problem https.cert: certificate 2 of the file did not sign certificate 1');
  });
});
