/** A HEP collector: listens on a real socket and takes apart what comes, as the specification has it and without our encoder. */

import { createSocket, type Socket } from 'node:dgram';
import { until } from './until.ts';

export interface HepReport {
  readonly family: number;
  readonly ipProtocol: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Seconds since the Unix epoch. */
  readonly time: number;
  readonly protocol: number;
  readonly captureId: number;
  readonly password: string | null;
  readonly correlationId: string | null;
  readonly node: string | null;
  readonly payload: string;
}

export class HepCollector {
  readonly datagrams: Buffer[] = [];
  readonly #socket: Socket;

  static async open(): Promise<HepCollector> {
    const socket = createSocket('udp4');
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    return new HepCollector(socket);
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (datagram) => this.datagrams.push(datagram));
  }

  get address(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.#socket.address().port };
  }

  get reports(): HepReport[] {
    return this.datagrams.map(readReport);
  }

  async received(count: number): Promise<void> {
    await until(`${count} HEP packets`, () => this.datagrams.length >= count);
  }

  close(): void {
    this.#socket.close();
  }
}

export function readReport(datagram: Buffer): HepReport {
  const chunks = readChunks(datagram);
  const chunk = (type: number): Buffer => {
    const found = chunks.get(type);
    if (!found) throw new Error(`no chunk ${type}`);
    return found;
  };
  const text = (type: number): string | null => chunks.get(type)?.toString() ?? null;
  const family = chunk(1).readUInt8();
  const ipv6 = family === 10;
  return {
    family,
    ipProtocol: chunk(2).readUInt8(),
    source: hostOf(chunk(ipv6 ? 5 : 3)),
    destination: hostOf(chunk(ipv6 ? 6 : 4)),
    sourcePort: chunk(7).readUInt16BE(),
    destinationPort: chunk(8).readUInt16BE(),
    time: chunk(9).readUInt32BE() + chunk(10).readUInt32BE() / 1e6,
    protocol: chunk(11).readUInt8(),
    captureId: chunk(12).readUInt32BE(),
    password: text(14),
    correlationId: text(17),
    node: text(19),
    payload: chunk(15).toString(),
  };
}

function readChunks(datagram: Buffer): Map<number, Buffer> {
  if (datagram.toString('latin1', 0, 4) !== 'HEP3') throw new Error('not HEP3');
  if (datagram.readUInt16BE(4) !== datagram.length) throw new Error(`says ${datagram.readUInt16BE(4)} of ${datagram.length} octets`);
  const chunks = new Map<number, Buffer>();
  for (let at = 6; at < datagram.length; ) {
    const length = datagram.readUInt16BE(at + 4);
    if (datagram.readUInt16BE(at) !== 0 || length < 6 || at + length > datagram.length) throw new Error(`malformed chunk at ${at}`);
    chunks.set(datagram.readUInt16BE(at + 2), datagram.subarray(at + 6, at + length));
    at += length;
  }
  return chunks;
}

function hostOf(bytes: Buffer): string {
  return bytes.length === 4 ? bytes.join('.') : (bytes.toString('hex').match(/.{4}/g) ?? []).join(':');
}
