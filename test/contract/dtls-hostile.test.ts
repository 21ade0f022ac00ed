/** Bytes that no honest peer sends: dropped without a trace, never thrown, never held without bound. */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { dtlsDrivers, dtlsSides } from '../support/dtls-drivers.ts';
import { connect, refragment } from '../support/dtls-link.ts';
import { heldBytes } from '../support/dtls-memory.ts';
import { clientHello, records, writeHandshake, writeRecord } from '../support/dtls-messages.ts';
import { Party } from '../support/dtls-party.ts';
import { pause } from '../support/until.ts';

describe.each(dtlsSides)('the $name driver as $role', ({ driver, role, other }) => {
  function meet() {
    const party = new Party(driver, { role });
    const peer = new Party(opensslDriver, { role: other });
    connect(party, peer);
    const close = () => [party, peer].forEach((side) => void side.close());
    const start = () => [party, peer].forEach((side) => void side.start());
    return { party, peer, close, start };
  }

  test('never throws on arbitrary datagrams', () => {
    const party = new Party(driver, { role });
    party.start();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => void party.receive(bytes)),
      { numRuns: 500 },
    );
    expect(party.outcomes).toEqual([]);
    party.close();
  });

  test('never throws on records of arbitrary content', () => {
    const record = fc.tuple(fc.integer({ min: 19, max: 25 }), fc.nat(3), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 8 }), (list) => {
        const party = new Party(driver, { role });
        party.start();
        for (const [i, [type, epoch, body]] of list.entries()) party.receive(writeRecord(type, i, body, epoch));
        party.close();
      }),
      { numRuns: 200 },
    );
  });

  test('never throws on handshake messages of arbitrary content', () => {
    const message = fc.tuple(fc.constantFrom(0, 1, 2, 3, 4, 11, 12, 13, 14, 15, 16, 20, 99), fc.nat(4), fc.uint8Array({ maxLength: 300 }));
    fc.assert(
      fc.property(fc.array(message, { maxLength: 8 }), (list) => {
        const party = new Party(driver, { role });
        party.start();
        for (const [i, [type, sequence, body]] of list.entries()) {
          party.receive(writeRecord(records.handshake, i, writeHandshake(type, sequence, body)));
        }
        party.close();
      }),
      { numRuns: 200 },
    );
  });

  test('never throws when any byte of a true handshake is changed', async () => {
    const random = seededRandom(7);
    for (let round = 0; round < 40; round++) {
      const { party, peer, start, close } = meet();
      peer.deliver = (datagram) => {
        const changed = datagram.slice();
        const at = random.uint32() % changed.length;
        changed[at] = (changed[at] as number) ^ (1 << (random.uint32() % 8));
        setImmediate(() => party.receive(changed));
      };
      start();
      await pause(5);
      close();
    }
  });

  test('is not stopped by noise in between', async () => {
    const { party, peer, start, close } = meet();
    const noise = seededRandom(3);
    const { deliver } = peer;
    peer.deliver = (datagram) => {
      party.receive(noise.bytes(noise.uint32() % 200));
      deliver(datagram);
      party.receive(new Uint8Array(0));
      party.receive(datagram.subarray(0, datagram.length >> 1));
    };
    start();
    await party.connection();
    close();
  });

  test('stays connected whatever unauthenticated records come afterwards', async () => {
    const { party, start, close, peer } = meet();
    start();
    await Promise.all([party.connection(), peer.connection()]);
    await pause(20);
    const sent = party.sent.length;
    const fatalAlert = Uint8Array.of(2, 40);
    const closeNotify = Uint8Array.of(1, 0);
    for (const body of [fatalAlert, closeNotify]) party.receive(writeRecord(records.alert, 1000, body));
    for (const body of [fatalAlert, closeNotify]) party.receive(writeRecord(records.alert, 1000, body, 1));
    party.receive(writeRecord(records.handshake, 1001, clientHello([0xc02b])));
    party.receive(writeRecord(records.applicationData, 1002, new Uint8Array(40)));
    party.receive(writeRecord(records.applicationData, 1003, new Uint8Array(40), 1));
    await pause(20);
    expect(party.outcomes).toHaveLength(1);
    expect(party.sent.length).toBe(sent);
    close();
  });

  test('holds no more than it must for messages that never end', async () => {
    const part = new Uint8Array(1000);
    const fragments = Array.from({ length: 2000 }, (_, i) => {
      const place = { length: 0xff_ffff, offset: (i * part.length) % 0xff_0000 };
      return writeRecord(records.handshake, i, writeHandshake(11, i % 50, part, place));
    });
    const party = new Party(driver, { role });
    party.start();
    const before = await heldBytes();
    for (let round = 0; round < 20; round++) for (const fragment of fragments) party.receive(fragment);
    expect((await heldBytes()) - before).toBeLessThan(2 << 20);
    party.close();
  });
});

describe.each(Object.entries(dtlsDrivers))('the %s driver', (_name, driver) => {
  test('puts a ClientHello together that came in pieces, in the wrong order', async () => {
    const party = new Party(driver, { role: 'server' });
    const peer = new Party(opensslDriver, { role: 'client' });
    connect(party, peer);
    const { deliver } = peer;
    peer.deliver = (datagram) => {
      const isHello = datagram[0] === records.handshake && datagram[13] === 1;
      const pieces = isHello ? refragment(datagram, 60).reverse() : [datagram];
      for (const piece of pieces) deliver(piece);
    };
    peer.start();
    await Promise.all([party.connection(), peer.connection()]);
    party.close();
    peer.close();
  });
});
