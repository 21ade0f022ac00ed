/** Beginning and end of an association: what is said once, what may be said twice, and that nothing stays behind. */

import { describe, expect, test } from 'vitest';
import { opensslDriver } from '../../src/dtls/openssl.ts';
import { dtlsSides } from '../support/dtls-drivers.ts';
import { connect } from '../support/dtls-link.ts';
import { heldBytes } from '../support/dtls-memory.ts';
import { readRecords, records } from '../support/dtls-messages.ts';
import { Party } from '../support/dtls-party.ts';
import { pause } from '../support/until.ts';

describe.each(dtlsSides)('the $name driver as $role', ({ driver, role, other }) => {
  function meet() {
    const party = new Party(driver, { role });
    const peer = new Party(opensslDriver, { role: other });
    connect(party, peer);
    return { party, peer };
  }

  async function connected() {
    const { party, peer } = meet();
    party.start();
    peer.start();
    await Promise.all([party.connection(), peer.connection()]);
    return { party, peer };
  }

  test('says nothing before it is started or spoken to', async () => {
    const { party } = meet();
    expect(party.endpoint.deadline).toBe(Number.POSITIVE_INFINITY);
    await pause(20);
    expect(party.sent).toEqual([]);
    party.close();
  });

  test('starts once, however often it is told to', async () => {
    const party = new Party(driver, { role });
    party.start();
    party.start();
    await pause(20);
    expect(party.sent.length).toBe(role === 'client' ? 1 : 0);
    party.close();
  });

  test('has no deadline once connected', async () => {
    const { party, peer } = await connected();
    expect(party.endpoint.deadline).toBe(Number.POSITIVE_INFINITY);
    party.close();
    peer.close();
  });

  test('says close_notify when it closes, once', async () => {
    const { party, peer } = await connected();
    const before = party.sent.length;
    party.close();
    party.close();
    expect(party.sent.slice(before).flatMap(readRecords)).toMatchObject([{ type: records.alert, epoch: 1 }]);
    peer.close();
  });

  test('goes on when the peer closes: signalling ends calls', async () => {
    const { party, peer } = await connected();
    const before = party.sent.length;
    peer.close();
    await pause(20);
    expect(party.sent.length).toBe(before);
    expect(party.outcomes).toHaveLength(1);
    party.close();
    expect(party.sent.length).toBe(before + 1);
  });

  test('is deaf and dumb after it was closed in the middle of a handshake', async () => {
    const { party, peer } = meet();
    const heard: Uint8Array[] = [];
    peer.deliver = (datagram) => heard.push(datagram.slice());
    peer.start();
    party.start();
    await pause(20);
    party.close();
    const sent = party.sent.length;
    for (const datagram of heard) party.receive(datagram);
    party.start();
    party.endpoint.expire();
    await pause(600);
    expect(party.sent.length).toBe(sent);
    expect(party.outcomes).toEqual([]);
    expect(party.endpoint.deadline).toBe(Number.POSITIVE_INFINITY);
    peer.close();
  });

  test('may be closed by its listener while it sends', async () => {
    const { party, peer } = meet();
    const { deliver } = party;
    party.deliver = (datagram) => {
      deliver(datagram);
      party.close();
    };
    party.start();
    peer.start();
    await pause(50);
    expect(party.outcomes).toEqual([]);
    peer.close();
  });

  test('may be closed by its listener while it says goodbye', async () => {
    const { party, peer } = await connected();
    party.deliver = () => party.close();
    const sent = party.sent.length;
    party.close();
    expect(party.sent.length).toBe(sent + 1);
    peer.close();
  });

  test('leaves no memory behind', async () => {
    const cycle = async (): Promise<void> => {
      const { party, peer } = await connected();
      party.close();
      peer.close();
    };
    for (let i = 0; i < 50; i++) await cycle();
    const before = await heldBytes();
    for (let i = 0; i < 100; i++) await cycle();
    // One session that is not freed costs about 50 kB.
    expect((await heldBytes()) - before).toBeLessThan(1_000_000);
  });

  test('leaves no memory behind when handshakes are given up', async () => {
    const before = await heldBytes();
    for (let i = 0; i < 200; i++) {
      const { party, peer } = meet();
      party.start();
      peer.start();
      party.close();
      peer.close();
    }
    expect((await heldBytes()) - before).toBeLessThan(1_000_000);
  });
});
