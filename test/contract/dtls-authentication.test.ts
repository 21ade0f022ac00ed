/** A peer that does not own its certificate's key, or did not see the same handshake, is refused by every driver in both roles. */

import { describe, expect, test } from 'vitest';
import { fingerprintOf, matchesFingerprint } from '../../src/dtls/certificate.ts';
import { dtlsSides } from '../support/dtls-drivers.ts';
import { alertsIn } from '../support/dtls-messages.ts';
import { certificates, Party } from '../support/dtls-party.ts';
import { type Lies, weriftPeer } from '../support/dtls-werift-peer.ts';
import { pause } from '../support/until.ts';

const { client: victim, server: thief } = certificates;

describe.each(dtlsSides)('the $name driver as $role', ({ driver, role, other }) => {
  function meet(lies: Lies) {
    const party = new Party(driver, { role, certificate: certificates[role] });
    const peer = weriftPeer(other, party, lies);
    peer.start();
    party.start();
    return { party, peer, close: () => [party, peer].forEach((side) => void side.close()) };
  }

  test('connects with an honest peer and shows its certificate', async () => {
    const { party, close } = meet({ certificate: victim });
    const { remoteCertificate } = await party.connection();
    expect([...remoteCertificate]).toEqual([...victim.certDer]);
    expect(fingerprintOf(remoteCertificate, 'sha-256')).toBe(victim.fingerprint.value);
    expect(matchesFingerprint(remoteCertificate, [thief.fingerprint])).toBe(false);
    close();
  });

  test('refuses a stolen certificate', async () => {
    const { party, peer, close } = meet({ certificate: victim, signsWith: thief });
    expect(await party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
    expect(alertsIn(party.sent)).toHaveLength(1);
    expect(peer.connected).toBe(false);
    close();
  });

  test('refuses a Finished over another handshake', async () => {
    const { party, close } = meet({ certificate: victim, wrongFinished: true });
    expect(await party.failure()).toMatchObject({ failure: 'dtls-handshake-failed' });
    close();
  });

  if (role === 'server') {
    test('never connects with a client that leaves the proof of its key out', async () => {
      const { party, close } = meet({ certificate: victim, silentAboutKey: true });
      await pause(500);
      expect(party.outcomes.filter((outcome) => 'connection' in outcome)).toEqual([]);
      close();
    });
  }
});
