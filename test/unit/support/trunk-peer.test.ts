import { afterEach, describe, expect, test } from 'vitest';
import { status } from '../../support/plain-sip.ts';
import { measureTone } from '../../support/tone-meter.ts';
import { rtpComplaints, sdpComplaints, sipComplaints } from '../../support/trunk-cleanliness.ts';
import { TrunkPeer } from '../../support/trunk-peer.ts';
import { pause } from '../../support/until.ts';

const peers: TrunkPeer[] = [];

async function open(): Promise<TrunkPeer> {
  const peer = await TrunkPeer.open();
  peers.push(peer);
  return peer;
}

afterEach(() => {
  for (const peer of peers.splice(0)) peer.close();
});

describe('two peers', () => {
  test('talk, change direction and hang up, and find each other clean', async () => {
    const [a, b] = [await open(), await open()];
    b.onCall = (call) => call.answer();
    const caller = await a.call(b.address, 'bob');
    const callee = await b.nextCall();
    await callee.requested('ACK');
    caller.rtp.sendTone({ frequencyHz: 1004 });
    callee.rtp.sendTone({ frequencyHz: 620, codec: 'PCMA' });
    await pause(700);
    const heard = measureTone(callee.rtp.heard(), 8000, 620);
    expect(heard.frequencyHz).toBeCloseTo(1004, 0);
    expect(heard.levelDbfs).toBeCloseTo(-10, 0);
    expect(heard.longestGapMs).toBeLessThan(5);
    expect(measureTone(caller.rtp.heard(), 8000, 1004).frequencyHz).toBeCloseTo(620, 0);
    expect(rtpComplaints(callee.rtp.packets)).toEqual([]);
    expect(status(await caller.reinvite('sendonly'))).toBe(200);
    expect(status(await callee.bye())).toBe(200);
    expect([...a.received, ...b.received].flatMap(sipComplaints)).toEqual([]);
  });

  test('pass digits as events, each once', async () => {
    const [a, b] = [await open(), await open()];
    b.onCall = (call) => call.answer();
    const caller = await a.call(b.address, 'bob');
    const callee = await b.nextCall();
    await caller.responded(200);
    for (const digit of '1#1') await caller.rtp.sendDigit(digit);
    await pause(50);
    expect(callee.rtp.digits()).toBe('1#1');
  });

  test('cancel, refuse and leave the offer to the other side', async () => {
    const [a, b] = [await open(), await open()];
    const cancelled = await a.call(b.address, 'bob');
    await cancelled.responded(180);
    cancelled.cancel();
    expect(status(await cancelled.responded(487))).toBe(487);
    b.onCall = (call) => call.reject(486, 'Busy Here');
    const refused = await a.call(b.address, 'bob');
    await refused.responded(486);
    b.onCall = (call) => call.answer();
    const late = await a.call(b.address, 'bob', { sdp: null });
    await late.responded(200);
    const ack = await b.calls[2]?.requested('ACK');
    expect(ack?.body).toContain('m=audio');
  });
});

describe('the cleanliness rules', () => {
  test('name what a browser left in an SDP', () => {
    const dirty = ['v=0', 'c=IN IP4 127.0.0.1', 'm=audio 4000 RTP/AVP 0', 'a=ice-ufrag:abcd', 'a=mid:0', ''].join('\r\n');
    expect(sdpComplaints(dirty)).toEqual(['SDP attribute a=ice-ufrag:abcd', 'SDP attribute a=mid:0']);
  });

  test('name extensions, jumps and foreign payload types in RTP', () => {
    const packet = (
      first: number,
      type: number,
      sequence: number,
    ): { bytes: Buffer; from: { host: string; port: number }; atMs: number } => {
      const bytes = Buffer.alloc(172);
      bytes[0] = first;
      bytes[1] = type;
      bytes.writeUInt16BE(sequence, 2);
      bytes.writeUInt32BE(sequence * 160, 4);
      return { bytes, from: { host: '127.0.0.1', port: 1 }, atMs: 0 };
    };
    expect(rtpComplaints([packet(0x80, 0, 1), packet(0x80, 0, 2)])).toEqual([]);
    expect(rtpComplaints([packet(0x90, 111, 1), packet(0x80, 0, 3)])).toEqual([
      'first byte 0x90',
      'payload type 111',
      'sequence went on by 2',
    ]);
  });
});
