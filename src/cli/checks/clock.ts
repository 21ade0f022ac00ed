/** Whether the clock can be right: certificates, nonces and call records depend on it. */

import { execFile } from 'node:child_process';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Before this program was written, and long after: nobody runs it then. */
const earliest = Date.UTC(2025, 0, 1);
const latest = Date.UTC(2100, 0, 1);
const patienceMs = 2000;

/** `wallTime` is milliseconds since the Unix epoch; `synchronized` null: not known. */
export function checkClock(wallTime: number, synchronized: boolean | null): Finding[] {
  const time = `${new Date(wallTime).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  if (wallTime < earliest || wallTime > latest)
    return [
      problem(`clock: this machine believes that it is ${time}`, 'set it (timedatectl set-ntp true): certificates count as not valid'),
    ];
  if (synchronized === false)
    return [warning(`clock: ${time}, and no time server keeps it right`, 'timedatectl set-ntp true, or run chrony or ntpd')];
  return [ok(`clock: ${time}${synchronized ? ', kept right by a time server' : ''}`)];
}

/** What systemd knows of the kernel's clock, whichever program keeps it; null where there is no systemd. */
export function isClockSynchronized(): Promise<boolean | null> {
  return new Promise((resolve) => {
    execFile('timedatectl', ['show', '--property=NTPSynchronized', '--value'], { timeout: patienceMs }, (error, output) => {
      const answer = output.trim();
      resolve(error || (answer !== 'yes' && answer !== 'no') ? null : answer === 'yes');
    });
  });
}
