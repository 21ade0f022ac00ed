/**
 * The kinds of values that the configuration knows. Each carries the words in which a wrong one is explained (`expected`), and
 * the ones that must never be printed say so (`secret`).
 */

import { z } from 'zod';
import { isIpAddress, isIpv6, parseAddress, type SocketAddress } from '../base/address.ts';
import { errorText } from '../base/errors.ts';
import { parseFilter } from '../events/event-filter.ts';
import { compilePattern } from './pattern.ts';

/** A string that `read` turns into a value; undefined from `read`, or a string in its place, refuses it. */
function text<Value>(expected: string, read: (text: string) => Value | undefined) {
  return z
    .string()
    .transform((value, context) => {
      const result = read(value);
      if (result !== undefined) return result;
      context.addIssue({ code: 'custom', message: expected });
      return z.NEVER;
    })
    .meta({ expected });
}

function matching(expected: string, pattern: RegExp) {
  return text(expected, (value) => (pattern.test(value) ? value : undefined));
}

export const hostName = matching('a host name or an IP address, such as example.com', /^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/);

export const listenAddress = text(
  'an IP address and a port, such as "127.0.0.1:8080", "0.0.0.0:5060" or "[::]:5060"',
  (value): SocketAddress | undefined => {
    const address = parseAddress(value);
    return address && isIpAddress(address.host) ? address : undefined;
  },
);

export const remoteAddress = text('a host and a port, such as "homer.example.com:9060"', (value): SocketAddress | undefined => {
  const address = parseAddress(value);
  return address && address.port > 0 && /^[A-Za-z0-9][A-Za-z0-9.:-]{0,252}$/.test(address.host) ? address : undefined;
});

export const ipAddress = text('an IP address, such as "203.0.113.7"', (value) => (isIpAddress(value) ? value : undefined));

export const bindAddress = text('an IP address of this machine, or "0.0.0.0" for every one', (value) =>
  isIpAddress(value) ? value : undefined,
);

export interface AdvertisedAddress {
  readonly host: string;
  /** null: the port that the transport listens on. */
  readonly port: number | null;
}

export const advertisedAddress = text(
  'the address under which trunks reach this gateway, with or without a port, such as "203.0.113.7" or "sip.example.com:5060"',
  (value): AdvertisedAddress | undefined => {
    if (isIpAddress(value)) return { host: value, port: null };
    const address = parseAddress(value) ?? { host: value, port: null };
    return isIpv6(address.host) || /^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/.test(address.host) ? address : undefined;
  },
);

export const subnet = text('an IP address or a subnet, such as "203.0.113.9" or "203.0.113.0/24"', (value) => {
  const slash = value.indexOf('/');
  if (slash < 0) return isIpAddress(value) ? value : undefined;
  const network = value.slice(0, slash);
  const prefix = value.slice(slash + 1);
  const widest = isIpv6(network) ? 128 : 32;
  return isIpAddress(network) && /^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= widest ? value : undefined;
});

/** RFC 6454 section 6: scheme, host and port, the default port left out. */
export const allowedOrigin = text('an origin such as "https://app.example.com", or "none" (no Origin header), or "*" (any)', (value) => {
  if (value === '*' || value === 'none') return value;
  const url = URL.canParse(value) && !value.includes('*') ? new URL(value) : undefined;
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) return undefined;
  return url.href === `${url.origin}/` && !value.endsWith('/') ? url.origin : undefined;
});

const domainName = '[A-Za-z0-9][A-Za-z0-9.-]{0,252}';

export const trunkTarget = matching(
  'sip:HOST, with :PORT and ;transport=udp or ;transport=tcp where wanted, such as "sip:203.0.113.9:5060;transport=udp" (TLS towards trunks is not built yet)',
  new RegExp(`^sip:(?:${domainName}|\\[[0-9A-Fa-f:.]{2,45}\\])(?::[0-9]{1,5})?(?:;transport=(?:udp|tcp))?$`),
);

export const userName = matching('1 to 64 letters, digits or . _ + ~ -', /^[A-Za-z0-9._+~-]{1,64}$/);

export const trunkName = matching('a name of 1 to 64 letters, digits or . _ -', /^[A-Za-z0-9._-]{1,64}$/);

export const callerId = matching(
  'a telephone number or user name in quotes, such as "+15550100" (without quotes YAML reads a number and drops the +)',
  /^[A-Za-z0-9+*#._-]{1,64}$/,
);

export const routePattern = z
  .string()
  .transform((source, context) => {
    const pattern = compilePattern(source);
    if (typeof pattern !== 'string') return pattern;
    context.addIssue({ code: 'custom', message: pattern });
    return z.NEVER;
  })
  .meta({ expected: 'a regular expression in quotes, such as "^\\\\+?[0-9]{3,15}$"' });

export const filePath = matching('the path of a file, absolute or relative to this configuration file', /^.{1,4096}$/s);

export const secret = z.string().min(1).max(256).meta({ expected: '1 to 256 characters in quotes', secret: true });

export const loginName = z.string().min(1).max(256).meta({ expected: '1 to 256 characters in quotes' });

export const longSecret = z.string().min(16).max(256).meta({ expected: '16 to 256 characters in quotes', secret: true });

/** Whoever knows the path of some receivers may post there. Credentials in a URL are none for `fetch`, which refuses them. */
export const webAddress = text('an http or https address without a password, such as "https://example.com/events"', (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol)) return undefined;
  return url.username === '' && url.password === '' ? value : undefined;
}).meta({ secret: true });

export const eventFilter = z
  .string()
  .superRefine((value, context) => {
    try {
      parseFilter(value);
    } catch (error) {
      context.addIssue({ code: 'custom', message: errorText(error) });
    }
  })
  .meta({ expected: 'a filter such as "call.ended where trunk=carrier, trunk.*"' });

/** RTP on the even port, RTCP on the odd one above (RFC 3550 section 11). */
export const portRange = z
  .tuple([z.int(), z.int()])
  .refine(([low, high]) => low >= 1024 && high <= 65535 && low < high && low % 2 === 0 && high % 2 === 1)
  .meta({ expected: 'an even first and an odd last port between 1024 and 65535, such as [30000, 39999]: pairs for RTP and RTCP' });

export const port = z.int().min(0).max(65535).meta({ expected: 'a port, 0 to 65535' });

export const flag = z.boolean().meta({ expected: 'true or false' });

export function seconds(least: number, most: number) {
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ expected: `a whole number of seconds, ${least} to ${most}` });
}

export function count(least: number, most: number) {
  return z
    .int()
    .min(least)
    .max(most)
    .meta({ expected: `a whole number, ${least} to ${most}` });
}

export function oneOf<const Names extends readonly [string, ...string[]]>(...names: Names) {
  return z.enum(names).meta({ expected: `one of ${names.join(', ')}` });
}

export function someOf<const Names extends readonly [string, ...string[]]>(...names: Names) {
  return z
    .array(z.enum(names))
    .min(1)
    .refine((list) => new Set(list).size === list.length)
    .meta({ expected: `a list of ${names.join(', ')}, each at most once` });
}

export function autoOr(least: number, most: number) {
  return z.union([z.literal('auto'), z.int().min(least).max(most)]).meta({ expected: `auto, or a whole number, ${least} to ${most}` });
}
