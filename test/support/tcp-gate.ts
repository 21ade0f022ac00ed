/** A door in front of a TCP listener. Slammed, it breaks every connection that goes through it, as a network does. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { UdpAddress } from './plain-sip.ts';

export class TcpGate {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>) {
    this.port = (server.address() as AddressInfo).port;
    this.#server = server;
    this.#sockets = sockets;
  }

  static async open(target: UdpAddress): Promise<TcpGate> {
    const sockets = new Set<Socket>();
    const server = createServer((outer) => {
      const inner = connect(target.port, target.host);
      for (const [from, to] of [
        [outer, inner],
        [inner, outer],
      ] as const) {
        sockets.add(from);
        from.pipe(to);
        from.on('error', () => {});
        from.on('close', () => {
          sockets.delete(from);
          to.destroy();
        });
      }
    });
    server.listen(0, target.host);
    await once(server, 'listening');
    return new TcpGate(server, sockets);
  }

  /** What comes after passes again. */
  slam(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.slam();
    this.#server.close();
  }
}
