import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MediaDirection, MediaRelay } from '../../src/relay/media-relay.ts';
import { browserMedia, configureTrunk, connectCall, localRelay, type MediaCall, trunkMedia } from '../support/media-call.ts';
import { RtpPeer, RtpSource } from '../support/rtp-peer.ts';
import { pause, until } from '../support/until.ts';

describe('a call whose trunk side changes', () => {
  let relay: MediaRelay;
  let call: MediaCall;
  const toTrunk = new RtpSource(1);
  const toBrowser = new RtpSource(2);

  beforeEach(async () => {
    relay = await localRelay();
    call = await connectCall(relay);
  });

  afterEach(async () => {
    await call.end();
    await relay.close();
  });

  /** Sends one packet each way and says which of them arrived. */
  async function probe(): Promise<{ trunkHears: boolean; browserHears: boolean }> {
    const [trunk, browser] = [call.trunk.packets.length, call.browser.packets.length];
    call.browser.sendRtp(toTrunk.next());
    call.trunk.send(toBrowser.next(), call.trunkLeg.rtp);
    await pause(40);
    return { trunkHears: call.trunk.packets.length > trunk, browserHears: call.browser.packets.length > browser };
  }

  test.each<[MediaDirection, boolean, boolean]>([
    ['sendrecv', true, true],
    ['sendonly', true, false],
    ['recvonly', false, true],
    ['inactive', false, false],
  ])('trunk leg %s: trunk hears %s, browser hears %s', async (direction, trunkHears, browserHears) => {
    configureTrunk(call, { direction });
    expect(await probe()).toEqual({ trunkHears, browserHears });
  });

  test('browser leg on hold', async () => {
    const remote = call.browser.describe({ ...browserMedia, direction: 'recvonly' });
    call.session.configureBrowserLeg(call.browserLeg.leg, remote);
    expect(await probe()).toEqual({ trunkHears: true, browserHears: false });
  });

  test('resumed after a hold, the line goes on with a marker and without a gap', async () => {
    await probe();
    configureTrunk(call, { direction: 'inactive' });
    for (let held = 0; held < 5; held++) await probe();
    configureTrunk(call);
    await probe();
    const [before, after] = call.trunk.packets;
    expect(call.trunk.packets).toHaveLength(2);
    expect(after?.sequence).toBe(((before?.sequence ?? 0) + 1) & 0xffff);
    expect(after?.marker).toBe(true);
    const heldTicks = ((after?.timestamp ?? 0) - (before?.timestamp ?? 0)) >>> 0;
    expect(heldTicks / 8, 'milliseconds').toBeGreaterThan(150);
    expect(heldTicks / 8, 'milliseconds').toBeLessThan(2000);
  });

  test('moved to another address: packets go there at once, and the former one is not heard any more', async () => {
    await probe();
    const moved = await RtpPeer.open();
    configureTrunk(call, { rtp: moved.address });
    expect(await probe()).toEqual({ trunkHears: false, browserHears: false });
    expect(moved.packets).toHaveLength(1);
    const music = new RtpSource(0x777, 40_000, 999_999);
    moved.send(music.next(), call.trunkLeg.rtp);
    await until('the new source', () => call.browser.packets.length === 2);
    const [before, after] = call.browser.packets;
    expect(after?.ssrc).toBe(before?.ssrc);
    expect(after?.sequence).toBe(((before?.sequence ?? 0) + 1) & 0xffff);
    expect(after?.marker).toBe(true);
    moved.close();
  });

  test('on hold without an address, nothing is sent', async () => {
    configureTrunk(call, { rtp: null, rtcp: null });
    expect(await probe()).toEqual({ trunkHears: false, browserHears: false });
    configureTrunk(call);
    expect(await probe()).toEqual({ trunkHears: true, browserHears: true });
  });

  test('handed to another trunk leg, as when one branch of a fork answers', async () => {
    await probe();
    const other = await call.session.addTrunkLeg();
    const branch = await RtpPeer.open();
    call.session.configureTrunkLeg(other.leg, { ...trunkMedia, rtp: branch.address, rtcp: null, learn: false });
    call.session.bridge(call.browserLeg.leg, other.leg);
    expect(await probe()).toEqual({ trunkHears: false, browserHears: false });
    branch.send(new RtpSource(3, 3, 3).next(), other.rtp);
    await until('the branch to be heard', () => call.browser.packets.length === 2);
    expect(branch.packets).toHaveLength(1);
    const [before, after] = call.browser.packets;
    expect(after?.sequence).toBe(((before?.sequence ?? 0) + 1) & 0xffff);
    call.session.removeLeg(call.trunkLeg.leg);
    branch.send(new RtpSource(3, 4, 163).next(), other.rtp);
    await until('the branch to go on', () => call.browser.packets.length === 3);
    branch.close();
  });
});
