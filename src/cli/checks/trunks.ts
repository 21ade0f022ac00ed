/** Whether trunks are where the configuration says, and answer an OPTIONS. */

import type { Config } from '../../config/schema.ts';
import type { Environment, TrunkAnswer } from '../environment.ts';
import { codeOf } from '../plain-error.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import { unreachableBecause } from './unreachable.ts';

type TrunkConfig = Config['trunks'][number];

/** One after the other: each is asked from the port of the gateway, by which it may know us. */
export async function checkTrunks(
  { trunks, sip }: Pick<Config, 'trunks' | 'sip'>,
  environment: Pick<Environment, 'resolveTarget' | 'askTrunk'>,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const trunk of trunks) {
    const located = await checkTarget(trunk, environment);
    findings.push(located);
    if (located.level === 'ok') findings.push(await checkAnswer(trunk, sip, environment));
  }
  return findings;
}

async function checkTarget({ name, target }: TrunkConfig, environment: Pick<Environment, 'resolveTarget'>): Promise<Finding> {
  try {
    const hosts = (await environment.resolveTarget(target)).map(({ host }) => host);
    return ok(`trunk ${name}: ${target} is ${hosts.join(', ')}`);
  } catch (error) {
    return problem(
      `trunk ${name}: ${target} cannot be found: ${unreachableBecause(error)}`,
      'look for a typing mistake in its target, and at the DNS of this machine',
    );
  }
}

async function checkAnswer(trunk: TrunkConfig, sip: Config['sip'], environment: Pick<Environment, 'askTrunk'>): Promise<Finding> {
  try {
    return judgeAnswer(trunk, await environment.askTrunk(trunk.target, sip));
  } catch (error) {
    return judgeSilence(trunk, error);
  }
}

function judgeAnswer({ name, pingSec }: TrunkConfig, { status, reason, afterMs, fromOwnPort }: TrunkAnswer): Finding {
  const answer = `trunk ${name}: answers OPTIONS with ${status} ${reason} in ${Math.max(1, Math.round(afterMs))} ms`;
  if (status === 403)
    return warning(answer, 'it is there but does not want us: ask its operator to allow the address of this machine, and look at auth');
  if (status === 408 || status === 503) {
    const consequence = pingSec > 0 ? ' (with pingSec it counts as down)' : '';
    return warning(answer, `it is there but says that it cannot serve${consequence}: ask its operator`);
  }
  return ok(`${answer}${fromOwnPort ? '' : ', asked from another port than sip.udp, which is in use'}`);
}

function judgeSilence({ name, target, pingSec }: TrunkConfig, error: unknown): Finding {
  const text = `trunk ${name}: OPTIONS to ${target}: ${unreachableBecause(error)}`;
  if (codeOf(error) === 'ECONNREFUSED')
    return problem(text, 'the machine is there but takes no SIP on that port and transport: look at port and ;transport= of its target');
  if (codeOf(error) !== 'ETIMEDOUT') return problem(text, 'look at the network and the routes of this machine');
  const advice = `look for a firewall in between, a wrong address or port, and whether the operator must allow this machine's address`;
  if (pingSec > 0) return problem(text, `${advice}; it takes no calls while pingSec is set`);
  return warning(text, `${advice}; some trunks answer no OPTIONS and still take calls`);
}
