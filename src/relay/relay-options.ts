/** What a relay needs to know, and what each of its threads is told of it. */

import { type Clock, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { type Random, systemRandom } from '../base/random.ts';
import { createCertificate } from '../dtls/certificate.ts';
import type { DtlsChoice } from '../dtls/driver.ts';
import type { SrtpChoice } from '../srtp/driver.ts';
import { expandAddress } from './io/interfaces.ts';
import type { UdpChoice } from './io/udp-driver.ts';
import type { ThreadSetup } from './messages.ts';

export interface RelayOptions {
  readonly browser: {
    /** An address of this machine, or a wildcard: then one socket per interface address. */
    readonly bind: string;
    /** What browsers are told instead; null: the sockets' own addresses. */
    readonly advertise: string | null;
    /** Of the first thread; each further one takes the next. 0: any, for tests. */
    readonly port: number;
  };
  readonly trunk: {
    /** An address of this machine, or a wildcard: then the one that the default route leaves from. */
    readonly bind: string;
    readonly advertise: string | null;
    /** First and last RTP/RTCP port, inclusive. */
    readonly ports: readonly [number, number];
  };
  /** Whether a wildcard includes loopback. */
  readonly loopback?: boolean;
  readonly driver: UdpChoice;
  /** Gathering time of a polled driver in microseconds. */
  readonly batchUs?: number | 'auto';
  readonly dtls: DtlsChoice;
  readonly srtp?: SrtpChoice;
  readonly log: Log;
  /** A thread came `lateMs` late to its packets: once in 10 s at most. */
  readonly late?: (thread: number, lateMs: number) => void;
  /** How long a pair of ports rests between two calls. */
  readonly quarantineMs?: number;
  readonly clock?: Clock;
  readonly random?: Random;
}

export const defaultQuarantineMs = 5000;

/** One setup for all threads; they differ in their browser port. Rejects when an address cannot be found out. */
export async function threadSetup(options: RelayOptions): Promise<(index: number) => ThreadSetup> {
  const { browser, trunk, driver, dtls, srtp = 'auto', batchUs = 'auto', loopback = false } = options;
  const { clock = systemClock, random = systemRandom } = options;
  const browserHosts = await expandAddress(browser.bind, loopback);
  const [trunkHost = trunk.bind] = await expandAddress(trunk.bind, false);
  const certificate = createCertificate(random, clock.wallTime());
  const addresses = { browserHosts, browserAdvertise: browser.advertise, trunkHost, trunkAdvertise: trunk.advertise ?? trunkHost };
  return (index) => {
    const browserPort = browser.port === 0 ? 0 : browser.port + index;
    return { addresses: { ...addresses, browserPort }, certificate, driver, dtls, srtp, batchUs };
  };
}
