/** Whether others can reach what is configured: addresses, names, secure pages. */

import { networkInterfaces } from 'node:os';
import { isIpAddress, isIpv6, isLoopback, isPrivateAddress, isWildcard } from '../../base/address.ts';
import type { Config } from '../../config/schema.ts';
import type { Environment } from '../environment.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export async function checkNetwork(config: Config, environment: Pick<Environment, 'resolveTarget'>): Promise<Finding[]> {
  const advertised = checkAdvertised(config, ownAddresses());
  return [...checkSecureContext(config), ...advertised, ...(await checkPublicTrunks(config, environment))];
}

/** A private address in SIP or SDP leads a trunk of the internet nowhere: it answers to it, and nobody hears anything. */
async function checkPublicTrunks({ sip, media, trunks }: Config, environment: Pick<Environment, 'resolveTarget'>): Promise<Finding[]> {
  const told = [
    ['sip.advertise', sip.advertise?.host ?? null],
    ['media.trunk.advertise', media.trunk.advertise],
  ] as const;
  const wrong = told.filter(([, address]) => address !== null && isIpAddress(address) && isPrivateAddress(address));
  if (wrong.length === 0) return [];
  const located = await Promise.all(trunks.map(async ({ name, target }) => ({ name, hosts: await hostsOf(target, environment) })));
  const abroad = located.filter(({ hosts }) => hosts.some((host) => !isPrivateAddress(host))).map(({ name }) => name);
  if (abroad.length === 0) return [];
  return wrong.map(([key, address]) =>
    problem(
      `${key}: ${address} is private, but these trunks are in the internet: ${abroad.join(', ')}`,
      `set ${key} to the public address; without it the trunk's answers and its sound go astray`,
    ),
  );
}

/** None for a name that does not resolve: that is told elsewhere. */
async function hostsOf(target: string, environment: Pick<Environment, 'resolveTarget'>): Promise<string[]> {
  try {
    return (await environment.resolveTarget(target)).map(({ host }) => host);
  } catch {
    return [];
  }
}

/** Browsers give the microphone to pages of https and of localhost only. */
function checkSecureContext({ http, https }: Config): Finding[] {
  if (https || !http || isLoopback(http.listen.host)) return [];
  const advice = 'configure https, or let a web server in front do TLS and let http.listen be a loopback address';
  return [warning('http listens for other machines, and there is no https: browsers give no microphone to such pages', advice)];
}

/** `own` are the addresses of this machine. */
export function checkAdvertised({ media, sip, trunks }: Config, own: readonly string[]): Finding[] {
  const sides: [string, string, string | null][] = [
    ['media.browser.advertise', media.browser.bind, media.browser.advertise],
    ['media.trunk.advertise', media.trunk.bind, media.trunk.advertise],
  ];
  if (sip.udp && trunks.length > 0) sides.push(['sip.advertise', sip.udp.host, sip.advertise?.host ?? null]);
  return sides.map(([key, bind, advertised]) => {
    if (advertised !== null)
      return ok(`${key}: ${advertised}${own.includes(advertised) ? '' : ', which is translated to this machine, we take it'}`);
    const told = isWildcard(bind) ? own.filter((host) => !isLoopback(host) && (isIpv6(bind) || !isIpv6(host))) : [bind];
    if (told.every(isLoopback)) return ok(`${key}: not set, so this machine only`);
    const list = told.join(', ');
    if (told.some((host) => !isPrivateAddress(host))) return ok(`${key}: not set, so ${list}`);
    return warning(
      `${key}: not set, and this machine has private addresses only (${list})`,
      `nothing, if all peers are in that network; else set ${key} to the public address`,
    );
  });
}

function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ scopeid }) => !scopeid) // link-local IPv6: nobody can be told such an address
    .map(({ address }) => address);
}
