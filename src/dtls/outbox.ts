/** The flight that was sent last, ready to be sent again: cut to the MTU and numbered anew each time (RFC 6347 4.2.3, 4.2.4). */

import { ByteReader, readU16 } from '../base/bytes.ts';
import { contentType, recordEnd, recordHeaderLength, splitDatagrams, writeRecord } from './datagrams.ts';
import { fragmentHeaderLength, readFragment, writeFragment } from './handshake-messages.ts';

interface Written {
  readonly type: number;
  readonly epoch: number;
  readonly content: Uint8Array;
}

/** Makes the record of epoch 1 with this number, which no other may have. */
export type Seal = (type: number, sequence: number, content: Uint8Array) => Uint8Array;

export class Outbox {
  readonly #mtu: number;
  readonly #seal: Seal;
  readonly #sequences = [0, 0];
  #flight: Written[] = [];

  constructor(mtu: number, seal: Seal) {
    this.#mtu = mtu;
    this.#seal = seal;
  }

  /** Takes the joined records of the next flight, none of them sealed yet, in the place of the last one. */
  load(records: Uint8Array): void {
    this.#flight = [];
    for (let at = 0, end = 0; at < records.length; at = end) {
      end = recordEnd(records, at);
      const type = records[at] as number;
      const epoch = readU16(records, at + 3);
      const content = records.subarray(at + recordHeaderLength, end);
      if (type === contentType.handshake) this.#cut(epoch, content);
      else this.#flight.push({ type, epoch, content });
    }
  }

  /** The flight, as it goes out now. */
  datagrams(): Uint8Array[] {
    const records = this.#flight.map(({ type, epoch, content }) => this.record(type, epoch, content));
    return splitDatagrams(Buffer.concat(records), this.#mtu);
  }

  /** One record with the next number of its epoch. */
  record(type: number, epoch: number, content: Uint8Array): Uint8Array {
    const sequence = this.#sequences[epoch] ?? 0;
    this.#sequences[epoch] = sequence + 1;
    return epoch === 0 ? writeRecord(type, epoch, sequence, content) : this.#seal(type, sequence, content);
  }

  #cut(epoch: number, content: Uint8Array): void {
    const most = this.#mtu - recordHeaderLength - fragmentHeaderLength;
    const reader = new ByteReader(content);
    while (reader.remaining > 0) {
      const whole = readFragment(reader);
      for (let at = 0; at === 0 || at < whole.body.length; at += most) {
        const part = { ...whole, offset: whole.offset + at, body: whole.body.subarray(at, at + most) };
        this.#flight.push({ type: contentType.handshake, epoch, content: writeFragment(part) });
      }
    }
  }
}
