/** What the commands need of the rest of the program and of the process; handed in by main. */

import type { SocketAddress } from '../base/address.ts';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Difference } from '../config/difference.ts';
import type { Config } from '../config/schema.ts';

export interface Environment {
  readonly version: string;
  /** Environment variables. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** Folder of the built pages. */
  readonly pages: string;
  /** Writes to standard output as it stands. */
  print(text: string): void;
  /** Writes one line to standard error. */
  complain(line: string): void;
  /** Resolves with the name of the next signal that asks to stop. From the first call on, one that nobody waits for ends the process. */
  stopRequested(): Promise<string>;
  /** Calls back for each SIGHUP; without it SIGHUP asks to stop. */
  onReload(reload: () => Promise<void>): void;
  /** Tells the service manager, if there is one, how the program stands (sd_notify(3)). */
  notify(state: string): void;
  /** Whether a TCP listener could be opened there now. */
  isFree(address: SocketAddress): Promise<boolean>;
  createGateway(config: Config, extras?: GatewayExtras): Promise<RunningGateway>;
  createCarrier(): Promise<DemoCarrier>;
  /** Opens the store of a configuration, whether its gateway runs or not. */
  openTokens(config: Config): Promise<TokenKeeper>;
  /** The addresses of a trunk's target; rejects when it does not resolve. */
  resolveTarget(target: string): Promise<readonly SocketAddress[]>;
  /** One OPTIONS to a trunk, as the gateway would send it. Rejects with an error of the system, with ETIMEDOUT when there is no answer. */
  askTrunk(target: string, sip: Config['sip']): Promise<TrunkAnswer>;
  // Which driver would serve. Rejects when one that was chosen by name cannot work here.
  udpDriver(choice: Config['media']['driver']): Promise<ChosenDriver>;
  dtlsDriver(choice: Config['media']['dtls']): Promise<ChosenDriver>;
  srtpDriver(choice: Config['media']['srtp']): Promise<ChosenDriver>;
}

export interface ChosenDriver {
  readonly driver: { readonly name: string };
  /** In plain words. */
  readonly reason: string;
}

export interface TrunkAnswer {
  readonly status: number;
  readonly reason: string;
  readonly afterMs: number;
  /** False when `sip.udp` is in use, by a gateway that runs already for instance. */
  readonly fromOwnPort: boolean;
}

/** What the demo wants beyond the configuration. */
export interface GatewayExtras {
  /** A wildcard media address includes loopback. */
  readonly loopback: boolean;
  /** What the softphone page is told. */
  readonly softphone: SoftphoneSettings;
}

/** With this the page registers by itself and offers the numbers to dial. */
export interface SoftphoneSettings {
  readonly user: string;
  readonly password: string;
  readonly domain: string;
  readonly numbers: readonly DemoNumber[];
}

export interface DemoNumber {
  readonly number: string;
  /** What it does, in a few words. */
  readonly text: string;
}

/** A gateway as the commands see it. */
export interface RunningGateway {
  readonly log: Log;
  /** null for a listener that is not configured. */
  readonly listeners: Readonly<Record<'http' | 'https' | 'udp' | 'tcp', SocketAddress | null>>;
  /** Takes no more calls and lets those that run go on for `patienceMs`; resolves when all are gone. */
  drain(patienceMs: number): Promise<void>;
  /** Takes over what can be taken over while calls run, and says what changed. */
  reconfigure(config: Config): Promise<Difference>;
  /** Takes no more calls, ends those that run on both sides, and closes everything. */
  close(): Promise<void>;
}

export const tokenRoles = ['read', 'operate', 'admin'] as const;
export type TokenRole = (typeof tokenRoles)[number];

/** The API tokens in a store. Times are milliseconds since the Unix epoch. */
export interface TokenKeeper {
  /** The token itself is to be had here alone. */
  create(name: string, role: TokenRole): Promise<{ readonly token: string }>;
  list(): Promise<
    ReadonlyArray<{ readonly name: string; readonly role: TokenRole; readonly createdAt: number; readonly lastUsedAt: number | null }>
  >;
  revoke(name: string): Promise<void>;
  close(): Promise<void>;
}

/** The telephone network of the demo, on this machine. */
export interface DemoCarrier {
  /** Where it takes SIP over UDP. */
  readonly local: SocketAddress;
  /** What can be dialled there. */
  readonly numbers: readonly DemoNumber[];
  close(): Promise<void>;
}
