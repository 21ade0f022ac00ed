/** Whether the certificate of the HTTPS listener can be used. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorText } from '../../base/errors.ts';
import type { Config } from '../../config/schema.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const dayMs = 86_400_000;
const soonDays = 14;

/** `wallTime` is milliseconds since the Unix epoch. */
export function checkCertificate({ https }: Config, wallTime: number): Finding[] {
  if (!https) return [];
  try {
    const certificate = new X509Certificate(readFileSync(https.cert));
    const key = createPrivateKey(readFileSync(https.key));
    if (!certificate.checkPrivateKey(key))
      return [problem(`https.key is not the key of ${https.cert}`, 'set https.cert and https.key to files that belong together')];
    return [...checkDates(certificate, wallTime), ...checkIssuer(certificate)];
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
  if (days < 0) return [problem(`https.cert has expired on ${certificate.validTo}`, 'renew it')];
  if (days < soonDays) return [warning(`https.cert expires in ${days} days`, 'renew it, and restart offhook')];
  return [ok(`https.cert is valid for ${days} days, for ${certificate.subjectAltName ?? certificate.subject}`)];
}

function checkIssuer(certificate: X509Certificate): Finding[] {
  if (certificate.subject !== certificate.issuer) return [];
  return [
    warning(
      'https.cert is signed by itself: browsers refuse wss with it unless they are told to trust it',
      'use a certificate of an authority that browsers know',
    ),
  ];
}
