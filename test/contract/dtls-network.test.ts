/** Handshakes over bad networks, in real time: loss, reordering, repetition, a small MTU, with OpenSSL's endpoint as the peer. */

import { describe, expect, test } from 'vitest';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { dtlsSides } from '../support/dtls-drivers.ts';
import { connect, type Weather } from '../support/dtls-link.ts';
import { readRecords, records } from '../support/dtls-messages.ts';
import { Party } from '../support/dtls-party.ts';
import { until } from '../support/until.ts';

describe.each(dtlsSides)('the $name driver as $role', ({ driver, role, other }) => {
  async function handshake(weather: Weather, mtu = 1200): Promise<void> {
    const party = new Party(driver, { role, mtu });
    const peer = new Party(opensslDriver, { role: other, mtu });
    connect(party, peer, weather);
    party.start();
    peer.start();
    const [ours, theirs] = await Promise.all([party.connection(25_000), peer.connection(25_000)]);
    expectSame(ours.localKey, theirs.remoteKey);
    expectSame(ours.remoteSalt, theirs.localSalt);
    for (const datagram of [...party.sent, ...peer.sent]) expect(datagram.length).toBeLessThanOrEqual(mtu);
    party.close();
    peer.close();
  }

  const seeds = Array.from({ length: 10 }, (_, i) => i + 1);

  test('shakes hands while 30 % of all datagrams are lost', async () => {
    await Promise.all(seeds.map((seed) => handshake({ seed, loss: 0.3 })));
  });

  test('shakes hands while half of the datagrams overtake each other', async () => {
    await Promise.all(seeds.map((seed) => handshake({ seed, reordering: 0.5 })));
  });

  test('shakes hands while every datagram comes twice', async () => {
    await Promise.all(seeds.map((seed) => handshake({ seed, duplicates: 1 })));
  });

  test('shakes hands over an MTU of 256', async () => {
    await handshake({ seed: 1, mtu: 256 }, 256);
  });

  test('shakes hands over an MTU of 256 with loss, reordering and repetition', async () => {
    await Promise.all(seeds.map((seed) => handshake({ seed, mtu: 256, loss: 0.1, reordering: 0.5, duplicates: 0.2 }, 256)));
  });

  if (role === 'server') {
    test('says its last flight again until the peer has it, and never more often than asked', async () => {
      const party = new Party(driver, { role });
      const peer = new Party(opensslDriver, { role: other });
      connect(party, peer);
      const { deliver } = party;
      const lastFlights: Uint8Array[] = [];
      party.deliver = (datagram) => {
        if (!endsHandshake(datagram)) deliver(datagram);
        else if (lastFlights.push(datagram) > 3) deliver(datagram);
      };
      peer.start();
      const [ours, theirs] = await Promise.all([party.connection(), peer.connection()]);
      expectSame(ours.localKey, theirs.remoteKey);
      expect(lastFlights).toHaveLength(4);
      party.close();
      peer.close();
    });
  }

  test('retransmits after 100 ms and again after 200 ms more', async () => {
    const party = new Party(driver, { role });
    const peer = new Party(opensslDriver, { role: other });
    connect(party, peer, { seed: 1 });
    const sentAtMs: number[] = [];
    let cookies = 0;
    const { deliver } = party;
    party.deliver = (datagram) => {
      sentAtMs.push(performance.now());
      if (isCookie(datagram)) {
        cookies++;
        deliver(datagram);
      } else peer.deliver = () => {};
    };
    peer.start();
    party.start();
    const [first = 0, second = 0, third = 0] = await until('two retransmissions', () => {
      const flight = sentAtMs.slice(cookies);
      return flight.length === 3 && flight;
    });
    // Timers may be late, but never early.
    expect(second - first).toBeGreaterThan(95);
    expect(third - second).toBeGreaterThan(195);
    expect(third - first).toBeLessThan(900);
    party.close();
    peer.close();
  });
});

/** Whatever kind of array they are in. */
function expectSame(one: Uint8Array, other: Uint8Array): void {
  expect([...one]).toEqual([...other]);
}

/** A sealed handshake record is a Finished. */
function endsHandshake(datagram: Uint8Array): boolean {
  return readRecords(datagram).some(({ type, epoch }) => type === records.handshake && epoch === 1);
}

/** A HelloVerifyRequest: the werift server sends one first, and its flight only when that was answered. */
function isCookie(datagram: Uint8Array): boolean {
  return datagram[13] === 3;
}
