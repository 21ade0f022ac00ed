/** A call from the carrier rings at every browser of its user; one answers (RFC 3261 section 16.7). */

import { expect, test } from 'vitest';
import { parseUri } from '../../src/sip/message/uri.ts';
import type { BrowserPhone } from '../support/call-phone.ts';
import { identityOf } from '../support/call-sdp.ts';
import { CallStage } from '../support/call-stage.ts';
import { label } from '../support/sip-link.ts';

async function threeRing() {
  const stage = await CallStage.open();
  const phones = [await stage.browser('alice'), await stage.browser('alice'), await stage.browser('alice')] as const;
  const trunk = stage.carrier.call('alice');
  await stage.advance(100);
  for (const phone of phones) phone.lastCall.ring();
  await stage.advance(100);
  return { stage, phones, trunk };
}

test('each browser has an offer of its own, the carrier one leg', async () => {
  const { stage, phones } = await threeRing();
  const identities = phones.map(({ lastCall }) => identityOf(lastCall.sdp).join());
  expect(new Set(identities).size).toBe(3);
  expect(stage.relay.last.of('browser')).toHaveLength(3);
  expect(stage.relay.last.of('trunk')).toHaveLength(1);
});

test('the first 200 wins, and the others are told that the call was completed elsewhere', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[1].lastCall.answer();
  await stage.advance(200);
  expect(trunk.log.at(-1)).toBe('200 sdp');
  expect(phones.map(({ lastCall }) => lastCall.log)).toEqual([['cancelled'], ['ack'], ['cancelled']]);
  expect(phones[0].lastCall.reasons).toEqual(['SIP;cause=200;text="Call completed elsewhere"']);
  expect(stage.relay.last.of('browser')).toHaveLength(1);
  expect(stage.relay.last.bridges).toEqual(['trunk 1 - browser 3']);
  phones[1].lastCall.hangUp();
  await stage.advance(100);
  expect(trunk.log.at(-1)).toBe('ended remote');
  expect(stage.record.quality.map(({ side }) => side)).toEqual(['trunk', 'browser']);
});

test('a second 200, in the moment of the first, is acknowledged and ended', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].lastCall.answer();
  phones[2].lastCall.answer();
  await stage.advance(500);
  expect(trunk.log.filter((entry) => entry === '200 sdp')).toHaveLength(1);
  expect(phones.map(({ lastCall }) => lastCall.log)).toEqual([['ack'], ['cancelled'], ['ack', 'ended remote']]);
  expect(stage.switchboard.size).toBe(1);
});

test('early media of one of several is not passed on', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].lastCall.earlyMedia();
  await stage.advance(100);
  expect(trunk.log.filter((entry) => entry.includes('sdp'))).toEqual([]);
});

test('all decline: the most telling refusal counts', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].lastCall.session.reject(486);
  phones[1].lastCall.session.reject(480);
  await stage.advance(100);
  expect(trunk.log).not.toContain('486');
  phones[2].lastCall.session.reject(408);
  await stage.advance(100);
  expect(trunk.log.at(-1)).toBe('486');
  expect(stage.record.end).toMatchObject({ cause: 'busy', side: 'browser', sipStatus: 486 });
});

test('603 of one ends it for all', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[1].lastCall.session.reject(603);
  await stage.advance(200);
  expect(trunk.log.at(-1)).toBe('603');
  expect(phones.map(({ lastCall }) => lastCall.log)).toEqual([['cancelled'], [], ['cancelled']]);
});

test('603 of one in the moment when another answers changes nothing', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].lastCall.answer();
  phones[1].lastCall.session.reject(603);
  await stage.advance(200);
  expect(trunk.log.at(-1)).toBe('200 sdp');
  trunk.hangUp();
  await stage.advance(100);
  expect(stage.record.end).toEqual({ cause: 'hung-up', side: 'trunk' });
});

test('one that loses its connection drops out alone', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].disconnect();
  await stage.advance(40_000);
  phones[2].lastCall.answer();
  await stage.advance(100);
  expect(trunk.log.at(-1)).toBe('200 sdp');
});

test('one whose answer is unusable drops out alone', async () => {
  const { stage, phones, trunk } = await threeRing();
  phones[0].lastCall.answer('v=0\r\nnonsense\r\n');
  await stage.advance(100);
  expect(phones[0].lastCall.log).toEqual(['ack', 'ended remote']);
  phones[2].lastCall.answer();
  await stage.advance(100);
  expect(trunk.log.at(-1)).toBe('200 sdp');
  expect(phones[1].lastCall.log).toEqual(['cancelled']);
});

test('one whose media fails drops out alone', async () => {
  const { stage, phones, trunk } = await threeRing();
  // The latest registered has the first leg.
  const [latest] = stage.relay.last.of('browser');
  if (latest) stage.relay.last.failed(latest, 'dtls-handshake-failed');
  await stage.advance(100);
  expect(phones.map(({ lastCall }) => lastCall.log)).toEqual([[], [], ['cancelled']]);
  phones[1].lastCall.answer();
  await stage.advance(100);
  expect(trunk.log.at(-1)).toBe('200 sdp');
});

test('the caller gives up: all of them stop ringing', async () => {
  const { stage, phones, trunk } = await threeRing();
  trunk.session.cancel();
  await stage.advance(200);
  expect(phones.map(({ lastCall }) => lastCall.log)).toEqual([['cancelled'], ['cancelled'], ['cancelled']]);
});

test('a browser that does not say a word is given up without a CANCEL', async () => {
  const stage = await CallStage.open();
  const mute = await stage.browser('alice');
  const other = await stage.browser('alice');
  mute.link.lose = (message) => label(message) === 'INVITE';
  const trunk = stage.carrier.call('alice');
  await stage.advance(100);
  other.lastCall.answer();
  await stage.advance(100);
  stage.relay.last.connected();
  await stage.advance(40_000);
  expect(trunk.log.at(-1)).toBe('200 sdp');
  expect(mute.link.sentBy('b')).toEqual(['INVITE']);
});

test('several users behind one number: who answers is on record', async () => {
  const stage = await CallStage.open();
  const phones: BrowserPhone[] = [await stage.browser('alice'), await stage.browser('bob'), await stage.browser('carol')];
  const trunk = stage.carrier.call('team');
  await stage.advance(100);
  phones[1]?.lastCall.answer();
  await stage.advance(100);
  trunk.hangUp();
  await stage.advance(100);
  expect(stage.record).toMatchObject({ user: 'bob', number: '+4930123' });
});

test('a browser that has reconnected rings once', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  alice.connect();
  await stage.register(alice);
  stage.carrier.call('alice');
  await stage.advance(100);
  expect(alice.calls).toHaveLength(1);
});

test('a GRUU rings at the one browser that it names', async () => {
  const stage = await CallStage.open();
  const phones = [await stage.browser('alice'), await stage.browser('alice')] as const;
  stage.carrier.call('alice', { uri: 'sip:alice@198.51.100.5;gr=urn%3auuid:alice-2' });
  await stage.advance(100);
  expect(phones.map(({ calls }) => calls.length)).toEqual([0, 1]);
  const gone = ['sip:alice@198.51.100.5;gr=urn:uuid:alice-3', 'sip:alice@198.51.100.5;gr'].map((uri) =>
    stage.carrier.call('alice', { uri }),
  );
  await stage.advance(100);
  expect(gone.map(({ log }) => log)).toEqual([['480'], ['480']]);
});

test('a browser whose Contact is its GRUU hears the rest of the call over its connection', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const gruu = 'sip:alice@example.com;gr=urn:uuid:alice-1';
  const { a: browserEnd } = alice.link;
  const send = browserEnd.send.bind(browserEnd);
  browserEnd.send = (bytes) =>
    send(
      Buffer.from(
        Buffer.from(bytes)
          .toString('latin1')
          .replace(/^Contact: .*$/m, `Contact: <${gruu}>`),
        'latin1',
      ),
    );
  const { browser, trunk } = await stage.outbound(alice);
  trunk.hangUp();
  await stage.advance(100);
  expect(browser.log.at(-1)).toBe('ended remote');
  const bye = alice.link.log.find(({ message }) => label(message) === 'BYE')?.message;
  expect(bye?.kind === 'request' && bye.uri).toEqual(parseUri(gruu));
});
