/** A gateway under load, and who calls through it. */

import type { SocketAddress } from '../../src/base/address.ts';
import type { Account } from './browser-phone.ts';

export interface Gateway {
  readonly webSocketUrl: string;
  /** Every process whose cost counts. */
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Loopback addresses of one gateway's two sides and of the carrier behind it. */
export interface Network {
  readonly browserSide: string;
  readonly trunkSide: string;
  readonly carrier: string;
}

export interface GatewayOptions {
  readonly network: Network;
  /** Where the carrier's SIP is. */
  readonly carrier: SocketAddress;
  /** For its files. */
  readonly work: string;
}

export type StartGateway = (options: GatewayOptions) => Promise<Gateway>;

/** Two gateways can run at once without meeting. */
export const networks: { readonly own: Network; readonly peer: Network } = {
  own: { browserSide: '127.99.1.1', trunkSide: '127.99.2.1', carrier: '127.99.2.2' },
  peer: { browserSide: '127.99.3.1', trunkSide: '127.99.4.1', carrier: '127.99.4.2' },
};

export const domain = 'gw.example';

/** Those that the peer gateway's configuration knows. */
export const accounts: readonly [Account, ...Account[]] = [
  { user: 'alice', password: 'alicepw', domain },
  { user: 'bob', password: 'bobpw', domain },
  { user: 'carol', password: 'carolpw', domain },
];

export const trunkCredentials = { username: 'gwuser', password: 'gwpass' };
