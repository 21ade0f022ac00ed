/** Whether the certificate of the HTTPS listener can be used. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import { errorText } from '../../base/errors.ts';
import type { Config } from '../../config/schema.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const dayMs = 86_400_000;
const soonDays = 14;

/** `wallTime` is milliseconds since the Unix epoch. */
export function checkCertificate({ https }: Config, wallTime: number): Finding[] {
  if (!https) return [];
  try {
    const pem = readFileSync(https.cert, 'utf8');
    const certificate = new X509Certificate(pem);
    const key = createPrivateKey(readFileSync(https.key));
    if (!certificate.checkPrivateKey(key))
      return [problem(`https.key is not the key of ${https.cert}`, 'set https.cert and https.key to files that belong together')];
    return [...checkDates(certificate, wallTime), ...checkChain(readChain(pem))];
  } catch (error) {
    return [
      problem(
        `https: the certificate cannot be read: ${errorText(error)}`,
        'set https.cert and https.key to PEM files that this user may read',
      ),
    ];
  }
}

function checkDates(certificate: X509Certificate, wallTime: number): Finding[] {
  const days = Math.floor((Date.parse(certificate.validTo) - wallTime) / dayMs);
  if (wallTime < Date.parse(certificate.validFrom))
    return [problem(`https.cert is not valid before ${certificate.validFrom}`, 'set the clock of this machine, or wait')];
  if (days < 0) return [problem(`https.cert has expired on ${certificate.validTo}`, 'renew it, and send offhook SIGHUP')];
  if (days < soonDays) return [warning(`https.cert expires in ${days} days`, 'renew it, and send offhook SIGHUP')];
  return [ok(`https.cert is valid for ${days} days, for ${certificate.subjectAltName ?? certificate.subject}`)];
}

function readChain(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** Browsers look for the way from the certificate to an authority that they know in what the server sends (RFC 8446 section 4.4.2). */
function checkChain(chain: readonly X509Certificate[]): Finding[] {
  const [own] = chain;
  if (!own) return [];
  if (isIssuer(own, own)) {
    const text = 'https.cert is signed by itself: browsers refuse wss with it unless they are told to trust it';
    return [warning(text, 'use a certificate of an authority that browsers know')];
  }
  const gap = chain.findIndex((certificate, at) => at + 1 < chain.length && !isIssuer(chain[at + 1] ?? own, certificate));
  if (gap >= 0) {
    const text = `https.cert: certificate ${gap + 2} of the file did not sign certificate ${gap + 1}`;
    return [problem(text, 'put its own certificate first, then the one that signed it, and so on (the fullchain.pem of certbot)')];
  }
  const last = chain.at(-1) ?? own;
  if (rootCertificates.some((root) => isIssuer(new X509Certificate(root), last)))
    return [ok(`https.cert: ${chain.length} certificates lead to a known authority`)];
  const text = `https.cert: no authority that browsers know signed ${oneLine(last.subject)}, but ${oneLine(last.issuer)}`;
  return [warning(text, 'add the certificates in between to the file (the fullchain.pem of certbot); fine for an authority of your own')];
}

function isIssuer(issuer: X509Certificate, certificate: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
