/** Whether the sockets of a configuration can be opened: each is, for a moment. */

import { availableParallelism } from 'node:os';
import { formatAddress, type SocketAddress } from '../../base/address.ts';
import type { Config } from '../../config/schema.ts';
import { codeOf, plainError } from '../plain-error.ts';
import { tryTcp, tryUdp } from '../probe.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

interface Wanted {
  readonly key: string;
  readonly transport: 'TCP' | 'UDP';
  readonly address: SocketAddress;
  /** Another program there does no harm: the relay takes other ports. */
  readonly replaceable?: boolean;
}

export async function checkPorts(config: Config): Promise<Finding[]> {
  return [...(await Promise.all(wantedSockets(config).map(checkPort))), checkRange(config)];
}

/** A call takes a pair of ports, and a pair rests for some seconds after it. */
export function checkRange({ media, limits }: Pick<Config, 'media' | 'limits'>): Finding {
  const [low, high] = media.trunk.ports;
  const pairs = (high - low + 1) / 2;
  if (pairs >= limits.calls) return ok(`media.trunk.ports: ${pairs} pairs, for the ${limits.calls} calls of limits.calls`);
  const text = `media.trunk.ports: ${pairs} pairs, but limits.calls is ${limits.calls}`;
  return warning(text, 'widen the range, or lower limits.calls: calls beyond it are refused with 503');
}

function wantedSockets(config: Config): Wanted[] {
  const { http, https, sip } = config;
  const wanted: Wanted[] = [...browserMedia(config), ...trunkMedia(config)];
  if (http) wanted.unshift({ key: 'http.listen', transport: 'TCP', address: http.listen });
  if (https) wanted.unshift({ key: 'https.listen', transport: 'TCP', address: https.listen });
  if (sip.udp) wanted.push({ key: 'sip.udp', transport: 'UDP', address: sip.udp });
  if (sip.tcp) wanted.push({ key: 'sip.tcp', transport: 'TCP', address: sip.tcp });
  return wanted;
}

function browserMedia({ media: { browser, workers } }: Config): Wanted[] {
  const threads = workers === 'auto' ? Math.max(1, availableParallelism() - 1) : Math.max(1, workers);
  return Array.from({ length: threads }, (_, thread) => ({
    key: 'media.browser.port',
    transport: 'UDP' as const,
    address: { host: browser.bind, port: browser.port === 0 ? 0 : browser.port + thread },
  }));
}

function trunkMedia({ media: { trunk } }: Config): Wanted[] {
  const [low, high] = trunk.ports;
  return [low, high].map((port) => ({
    key: 'media.trunk.ports',
    transport: 'UDP' as const,
    address: { host: trunk.bind, port },
    replaceable: true,
  }));
}

async function checkPort({ key, transport, address, replaceable }: Wanted): Promise<Finding> {
  const place = `${transport} ${formatAddress(address)}`;
  try {
    await (transport === 'TCP' ? tryTcp(address) : tryUdp(address));
    return ok(`${key}: ${place} can be opened`);
  } catch (error) {
    const text = `${key}: ${transport} ${plainError(error)}`;
    if (codeOf(error) !== 'EADDRINUSE') return problem(text, `set ${key} to an address and port that this user may open here`);
    if (replaceable) return warning(text, `nothing, if it is an offhook that runs already; else choose a range of your own in ${key}`);
    return problem(text, `stop the other program, which may be an offhook that runs already, or set ${key} to another port`);
  }
}
