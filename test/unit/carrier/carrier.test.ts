import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Carrier, createCarrier } from '../../../src/carrier/carrier.ts';
import { header, status } from '../../support/plain-sip.ts';
import { longestGapMs, measureTone, Spectrum } from '../../support/tone-meter.ts';
import { rtpComplaints } from '../../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../../support/trunk-peer.ts';
import { pause, until } from '../../support/until.ts';

let carrier: Carrier;
let peer: TrunkPeer;

beforeEach(async () => {
  [carrier, peer] = await Promise.all([createCarrier(), TrunkPeer.open()]);
});

afterEach(async () => {
  await carrier.close();
  peer.close();
});

describe('the carrier', () => {
  test('plays a milliwatt at 1004, and keeps it through hold and resume', async () => {
    const call = await peer.call(carrier.local, '1004');
    await call.responded(200);
    const begin = performance.now();
    await pause(1000);
    const heard = measureTone(call.rtp.heard(begin), 8000, 620);
    expect(heard.frequencyHz).toBeCloseTo(1004, 0);
    expect(heard.levelDbfs).toBeCloseTo(-3.2, 1);
    expect(heard.longestGapMs).toBeLessThan(20);
    expect(rtpComplaints(call.rtp.packets)).toEqual([]);
    expect((await call.reinvite('sendonly')).body).toContain('a=recvonly');
    await pause(50);
    const held = call.rtp.packets.length;
    await pause(200);
    expect(call.rtp.packets.length).toBe(held);
    expect((await call.reinvite('sendrecv')).body).toContain('a=sendrecv');
    await until('the tone again', () => call.rtp.packets.length > held + 5);
    await call.bye();
    await until('the end', () => carrier.calls === 0);
  });

  test('echoes audio and digits at 600', async () => {
    const call = await peer.call(carrier.local, '600');
    expect(status(await call.responded(180))).toBe(180);
    await call.responded(200);
    await pause(600);
    call.rtp.sendTone({ frequencyHz: 620 });
    const begin = performance.now() + 100;
    await pause(900);
    expect(new Spectrum(call.rtp.heard(begin), 8000).strongest().frequencyHz).toBeCloseTo(620, 0);
    expect(longestGapMs(call.rtp.heard(begin), 8000)).toBeLessThan(60);
    await call.rtp.sendDigit('7');
    await until('the digit', () => call.rtp.digits() === '7');
    await call.bye();
  });

  test('sends early media and then busy at 486', async () => {
    const call = await peer.call(carrier.local, '486');
    expect((await call.responded(183)).body).toContain('m=audio');
    await until('early media', () => call.rtp.packets.length > 10);
    await call.responded(486);
    await until('the end', () => carrier.calls === 0);
  });

  test('repeats digits at 700', async () => {
    const call = await peer.call(carrier.local, '700');
    await call.responded(200);
    await pause(400);
    await call.rtp.sendDigit('5');
    const begin = performance.now();
    await pause(200);
    expect(new Spectrum(call.rtp.heard(begin), 8000).levelNear(1336)).toBeGreaterThan(-20);
    await call.bye();
  });

  test('calls back after 880 was hung up', async () => {
    const call = await peer.call(carrier.local, '880', { from: '+15550100' });
    await call.responded(200);
    await call.bye();
    peer.onCall = (incoming) => incoming.answer();
    const back = await peer.nextCall();
    expect(back.invite.startLine).toContain('sip:+15550100@');
    expect(header(back.invite, 'From')).toContain('sip:880@');
    await back.requested('ACK');
    back.rtp.sendTone({ frequencyHz: 620 });
    await until('an echo', () => new Spectrum(back.rtp.heard(), 8000).strongest().frequencyHz > 600 || undefined);
    await back.bye();
    await until('the end', () => carrier.calls === 0);
  });

  test('takes a CANCEL, does not know other numbers, wants an offer', async () => {
    const cancelled = await peer.call(carrier.local, '600');
    await cancelled.responded(180);
    cancelled.cancel();
    await cancelled.responded(487);
    await (await peer.call(carrier.local, '12345')).responded(404);
    await (await peer.call(carrier.local, '600', { sdp: null })).responded(488);
    await until('the end', () => carrier.calls === 0);
  });

  test('hangs up when it closes, twice if need be', async () => {
    const call = await peer.call(carrier.local, '1004');
    await call.responded(200);
    await carrier.close();
    await carrier.close();
    expect((await call.requested('BYE')).startLine).toContain('BYE');
    expect(carrier.calls).toBe(0);
  });
});
