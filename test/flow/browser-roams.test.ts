/** A lost WebSocket ends no call: media goes on, and the dialogs move to the connection of the same browser (RFC 5626). */

import { describe, expect, test } from 'vitest';
import type { BrowserPhone } from '../support/call-phone.ts';
import { CallStage } from '../support/call-stage.ts';

async function talking(graceSec = 30) {
  const stage = await CallStage.open({ graceSec });
  const alice = await stage.browser('alice');
  const call = await stage.outbound(alice);
  return { stage, alice, ...call };
}

/** The connection is lost, another is opened, and the client registers anew. */
async function comeBack(stage: CallStage, phone: BrowserPhone): Promise<void> {
  phone.connect();
  await stage.register(phone);
  phone.link.log.length = 0;
}

test('the call goes on as long as media flows, connection or not', async () => {
  const { stage, alice, browser, trunk } = await talking();
  alice.disconnect();
  await stage.advance(600_000);
  expect([browser.log, trunk.log]).toEqual([[], []]);
  expect(stage.switchboard.size).toBe(1);
});

test('the browser comes back and hangs up over its new connection', async () => {
  const { stage, alice, browser, trunk } = await talking();
  alice.disconnect();
  await stage.advance(5000);
  await comeBack(stage, alice);
  alice.moveCalls(browser);
  browser.hangUp();
  await stage.advance(100);
  expect(alice.link.sentBy('b')).toEqual(['200 BYE']);
  expect(trunk.log).toEqual(['ended remote']);
});

test('what the carrier does reaches the browser over its new connection', async () => {
  const { stage, alice, browser, trunk } = await talking();
  alice.disconnect();
  await comeBack(stage, alice);
  trunk.hold();
  await stage.advance(500);
  expect(alice.link.sentBy('b')).toEqual(['INVITE', 'ACK']);
  expect(browser.log).toEqual(['offer sendonly', 'ack']);
});

test('an inbound call moves as well', async () => {
  const stage = await CallStage.open();
  const alice = await stage.browser('alice');
  const { trunk, browser } = await stage.inbound(alice);
  alice.disconnect();
  await comeBack(stage, alice);
  trunk.hangUp();
  await stage.advance(100);
  expect(browser.log).toEqual(['ended remote']);
});

test('a new connection takes over while the gateway still believes in the old one', async () => {
  const { stage, alice, browser, trunk } = await talking();
  const old = alice.link;
  await comeBack(stage, alice);
  old.log.length = 0;
  trunk.hold();
  await stage.advance(500);
  expect(browser.log).toEqual(['offer sendonly', 'ack']);
  expect(old.sentBy('b')).toEqual([]);
  old.close();
  await stage.advance(60_000);
  expect(stage.switchboard.size).toBe(1);
});

test('after ten minutes away with media, too', async () => {
  const { stage, alice, browser, trunk } = await talking();
  alice.disconnect();
  await stage.advance(600_000);
  await comeBack(stage, alice);
  trunk.hangUp();
  await stage.advance(100);
  expect(browser.log).toEqual(['ended remote']);
});

describe('what waits for the browser', () => {
  test('a hold of the carrier is delivered when it is back', async () => {
    const { stage, alice, browser, trunk } = await talking();
    alice.disconnect();
    trunk.hold();
    await stage.advance(10_000);
    expect(trunk.log).toEqual(['answer recvonly']);
    await comeBack(stage, alice);
    await stage.advance(500);
    expect(browser.log).toEqual(['offer sendonly', 'ack']);
  });

  test('a BYE is delivered late rather than lost', async () => {
    const { stage, alice, browser, trunk } = await talking();
    alice.disconnect();
    trunk.hangUp();
    await stage.advance(20_000);
    expect(stage.record.end).toEqual({ cause: 'hung-up', side: 'trunk' });
    await comeBack(stage, alice);
    await stage.advance(100);
    expect(browser.log).toEqual(['ended remote']);
  });

  test('a BYE is given up after the grace, and the browser is told when it asks', async () => {
    const { stage, alice, browser, trunk } = await talking(10);
    alice.disconnect();
    trunk.hangUp();
    await stage.advance(11_000);
    expect(stage.agent.sessions).toBe(0);
    await comeBack(stage, alice);
    alice.moveCalls(browser);
    browser.hangUp();
    await stage.advance(100);
    expect(alice.link.sentBy('b')).toEqual(['481 BYE']);
  });
});

describe('whose connection it is', () => {
  /** The BYE of a call as its browser would send it, over another connection. */
  async function stolenBye(stage: CallStage, victim: BrowserPhone, call: { hangUp(): void }, thief: BrowserPhone): Promise<string[]> {
    victim.link.lose = (message) => message.kind === 'request' && message.method === 'BYE';
    call.hangUp();
    await stage.advance(20);
    const bye = victim.link.log.findLast(({ lost }) => lost);
    thief.link.log.length = 0;
    if (bye) thief.link.a.send(bye.bytes);
    await stage.advance(100);
    return thief.link.sentBy('b');
  }

  test('a BYE over the connection of another user is forbidden', async () => {
    const { stage, alice, browser, trunk } = await talking();
    const bob = await stage.browser('bob');
    expect(await stolenBye(stage, alice, browser, bob)).toEqual(['403 BYE']);
    expect(trunk.log).toEqual([]);
  });

  test('a BYE over the connection of another browser of the same user is forbidden', async () => {
    const { stage, alice, browser, trunk } = await talking();
    const second = await stage.browser('alice');
    expect(await stolenBye(stage, alice, browser, second)).toEqual(['403 BYE']);
    expect(trunk.log).toEqual([]);
  });

  test('a BYE over a connection that nobody has registered on is forbidden', async () => {
    const { stage, alice, browser, trunk } = await talking();
    const stranger = await stage.browser('bob');
    stranger.connect();
    expect(await stolenBye(stage, alice, browser, stranger)).toEqual(['403 BYE']);
    expect(trunk.log).toEqual([]);
  });

  test('a second browser that registers takes no call over', async () => {
    const { stage, alice, browser, trunk } = await talking();
    const second = await stage.browser('alice');
    trunk.hangUp();
    await stage.advance(100);
    expect(browser.log).toEqual(['ended remote']);
    expect(second.link.sentBy('b')).toEqual([]);
    expect(alice.link.sentBy('b').at(-1)).toBe('BYE');
  });
});
