/** What one value cannot know: names that must exist elsewhere, and wishes for what this version does not have. */

import { formatAddress, isIpv6 } from '../base/address.ts';
import type { Problem } from './config-error.ts';
import type { Config } from './schema.ts';

export function crossCheck(config: Config): Problem[] {
  return [...duplicates(config), ...references(config), ...contradictions(config), ...exposure(config)];
}

function duplicates(config: Config): Problem[] {
  const lists: [string, readonly { name: string }[]][] = [
    ['users', config.users],
    ['trunks', config.trunks],
  ];
  return lists.flatMap(([list, entries]) =>
    entries.flatMap(({ name }, index) => {
      const first = entries.findIndex((entry) => entry.name === name);
      return first < index
        ? [{ path: `${list}[${index}].name`, value: JSON.stringify(name), expected: `another name: ${list}[${first}] has it` }]
        : [];
    }),
  );
}

function references(config: Config): Problem[] {
  const trunks = new Set(config.trunks.map((trunk) => trunk.name));
  const users = new Set(config.users.map((user) => user.name));
  const outbound = config.routes.outbound.flatMap((route, index) =>
    unknownName(`routes.outbound[${index}].trunk`, route.trunk, trunks, 'trunk'),
  );
  const inbound = config.routes.inbound.flatMap((route, index) =>
    route.users.flatMap((user, at) => unknownName(`routes.inbound[${index}].users[${at}]`, user, users, 'user')),
  );
  return [...outbound, ...inbound];
}

function unknownName(path: string, name: string, known: ReadonlySet<string>, kind: string): Problem[] {
  if (known.has(name)) return [];
  const choice = known.size === 0 ? `there is none in ${kind}s` : `there are ${[...known].join(', ')}`;
  return [{ path, value: JSON.stringify(name), expected: `the name of a ${kind}; ${choice}` }];
}

function contradictions(config: Config): Problem[] {
  const problems: Problem[] = [];
  if (!config.http && !config.https) {
    problems.push({ path: 'http', value: 'null', expected: 'at least one of http and https: browsers come through them' });
  }
  const { minExpiresSec, maxExpiresSec } = config.registrar;
  if (minExpiresSec > maxExpiresSec) {
    problems.push({
      path: 'registrar.minExpiresSec',
      value: String(minExpiresSec),
      expected: `no more than registrar.maxExpiresSec, ${maxExpiresSec}`,
    });
  }
  const [low, high] = config.media.trunk.ports;
  const { port } = config.media.browser;
  if (port >= low && port <= high) {
    problems.push({ path: 'media.browser.port', value: String(port), expected: `a port outside media.trunk.ports, ${low} to ${high}` });
  }
  return [...problems, ...trunkContradictions(config)];
}

function trunkContradictions(config: Config): Problem[] {
  return config.trunks.flatMap((trunk, index) => {
    const problems: Problem[] = [];
    const needed = trunk.target.endsWith(';transport=tcp') ? 'tcp' : 'udp';
    if (!config.sip[needed]) {
      problems.push({
        path: `sip.${needed}`,
        value: 'null',
        expected: `an address to listen on: trunks[${index}] (${trunk.name}) speaks ${needed}`,
      });
    }
    const { udp } = config.sip;
    if (needed === 'udp' && udp && !isIpv6(udp.host) && trunk.target.startsWith('sip:[')) {
      problems.push({
        path: 'sip.udp',
        value: formatAddress(udp),
        expected: `an IPv6 address, such as "[::]:${udp.port}": trunks[${index}] (${trunk.name}) has one`,
      });
    }
    if (trunk.tcpFallback && !config.sip.tcp) {
      problems.push({ path: `trunks[${index}].tcpFallback`, value: 'true', expected: 'false: sip.tcp is null, so nothing can go by TCP' });
    }
    if (trunk.register && !trunk.auth) {
      problems.push({ path: `trunks[${index}].auth`, value: 'null', expected: 'username and password: register is true' });
    }
    return problems;
  });
}

/** Without a store there are no tokens, and without tokens no other machine is answered. */
function exposure({ api, store }: Config): Problem[] {
  if (!api.expose || store.path !== null) return [];
  return [{ path: 'api.expose', value: 'true', expected: 'false: store.path is null, so there can be no tokens to guard it' }];
}
