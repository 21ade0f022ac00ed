/** `offhook check`: looks at configuration and machine, names every problem and what to do about it. */

import { loadConfig } from '../../config/load.ts';
import { checkCertificate } from '../checks/certificate.ts';
import { checkClock, isClockSynchronized } from '../checks/clock.ts';
import type { Finding } from '../checks/finding.ts';
import { checkMachine } from '../checks/machine.ts';
import { checkNetwork } from '../checks/network.ts';
import { checkPeople } from '../checks/people.ts';
import { checkPorts } from '../checks/ports.ts';
import { checkServices } from '../checks/services.ts';
import { checkTrunks } from '../checks/trunks.ts';
import type { Environment } from '../environment.ts';

/** 1 when there is a problem; warnings alone are 0. A configuration that cannot be used throws ConfigError. */
export async function check(options: { readonly config?: string }, environment: Environment): Promise<number> {
  const config = loadConfig({ file: options.config, env: environment.variables });
  const findings: Finding[] = [
    { level: 'ok', text: `${options.config ?? 'the default configuration'} can be used` },
    ...checkPeople(config),
    ...checkCertificate(config, environment.clock.wallTime()),
    ...(await checkPorts(config)),
    ...(await checkNetwork(config, environment)),
    ...(await checkTrunks(config, environment)),
    ...checkClock(environment.clock.wallTime(), await isClockSynchronized()),
    ...(await checkServices(config)),
    ...(await checkMachine(config, environment)),
  ];
  for (const finding of findings) environment.print(`${printFinding(finding)}\n`);
  const problems = findings.filter(({ level }) => level === 'problem').length;
  const warnings = findings.filter(({ level }) => level === 'warning').length;
  environment.print(`\n${counted(problems, 'problem')}, ${counted(warnings, 'warning')}\n`);
  return problems > 0 ? 1 : 0;
}

function printFinding({ level, text, advice }: Finding): string {
  const head = `${level.padEnd(8)} ${text}`;
  return advice === undefined ? head : `${head}\n${' '.repeat(9)}-> ${advice}`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
