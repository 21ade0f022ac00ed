/** The DTLS servers that are measured, each a process of its own. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { createCertificate } from '../../src/dtls/certificate.ts';
import { Daemon } from '../processes/daemon.ts';
import { freeUdpPort } from '../processes/free-port.ts';

export interface DtlsServer {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Runs code that gets faster as it is used. */
  readonly warms: boolean;
  /** Serves one client after another and takes its time between them. */
  readonly sequential: boolean;
  stop(): Promise<void>;
}

/** PEM files. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

export type StartDtlsServer = (folder: string, identity: Identity) => Promise<DtlsServer>;

export function writeIdentity(folder: string): Identity {
  const { certDer, keyDer } = createCertificate(systemRandom, systemClock.wallTime(), 'bench');
  const identity = { cert: join(folder, 'client.pem'), key: join(folder, 'client.key') };
  const key = createPrivateKey({ key: Buffer.from(keyDer), format: 'der', type: 'sec1' });
  writeFileSync(identity.cert, new X509Certificate(certDer).toString());
  writeFileSync(identity.key, key.export({ format: 'pem', type: 'pkcs8' }));
  return identity;
}

const driverNames = { openssl: 'OpenSSL', werift: 'werift' } as const;

export function ourServer(driver: 'openssl' | 'werift'): StartDtlsServer {
  return async (folder) => {
    const log = join(folder, `${driver}.log`);
    const program = fileURLToPath(new URL('./dtls-server.js', import.meta.url));
    const daemon = await Daemon.start([process.execPath, program, driver], { log });
    await daemon.until((printed) => printed.includes('listening'));
    const port = Number(readFileSync(log, 'utf8').match(/listening ([0-9]+)/)?.[1]);
    const name = `offhook, ${driverNames[driver]} driver`;
    return { name, pid: daemon.pid, port, warms: true, sequential: false, stop: () => daemon.stop() };
  };
}

export const opensslServer: StartDtlsServer = async (folder, { cert, key }) => {
  const port = await freeUdpPort('127.0.0.1');
  const args = ['s_server', '-dtls1_2', '-accept', `127.0.0.1:${port}`, '-cert', cert, '-key', key, '-Verify', '1'];
  const daemon = await Daemon.start(['openssl', ...args, '-use_srtp', 'SRTP_AES128_CM_SHA1_80'], { log: join(folder, 's_server.log') });
  await daemon.until((printed) => printed.includes('ACCEPT'));
  return { name: 'openssl s_server', pid: daemon.pid, port, warms: false, sequential: true, stop: () => daemon.stop() };
};
