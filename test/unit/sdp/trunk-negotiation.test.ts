import { describe, expect, test } from 'vitest';
import { codecNames, offerableCodecs } from '../../../src/sdp/codecs.ts';
import { TrunkNegotiation } from '../../../src/sdp/trunk-negotiation.ts';
import { trunkViolations } from '../../support/sdp-rules.ts';
import { called, calling, description, formats, g711, refusal, trunk, wideband } from './trunk-legs.ts';

describe('our offer', () => {
  test('is exactly this', () => {
    expect(trunk().createOffer(g711, 'sendrecv', 20, 60)).toBe(
      [
        'v=0',
        'o=- 4711 1 IN IP4 198.51.100.5',
        's=-',
        'c=IN IP4 198.51.100.5',
        't=0 0',
        'm=audio 30000 RTP/AVP 0 8 101',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:101 telephone-event/8000',
        'a=fmtp:101 0-15',
        'a=ptime:20',
        'a=maxptime:60',
        'a=sendrecv',
        '',
      ].join('\r\n'),
    );
  });

  test('stays under 900 bytes with everything in it', () => {
    const leg = new TrunkNegotiation(
      { rtp: { host: '2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff', port: 65534 }, sessionId: '9'.repeat(19) },
      wideband,
    );
    const codecs = offerableCodecs(codecNames).map((codec) => ({ ...codec, fmtp: 'x'.repeat(200) }));
    const offer = leg.createOffer(codecs, 'sendrecv', 20, 1000);
    expect(trunkViolations(offer, { kind: 'offer' })).toEqual([]);
    expect(offer).toContain('c=IN IP6 2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff');
  });

  test("keeps the policy's order and what it permits", () => {
    const leg = trunk(['G722', 'PCMA']);
    expect(leg.createOffer(offerableCodecs(['PCMU', 'PCMA', 'G722', 'opus']), 'sendrecv')).toContain('m=audio 30000 RTP/AVP 9 8 101\r\n');
  });

  test('needs a codec', () => {
    expect(() => trunk(['G722']).createOffer(g711, 'sendrecv')).toThrow(refusal(488));
    expect(() => trunk().createOffer([], 'sendrecv')).toThrow(refusal(488));
  });

  test('has events of each clock', () => {
    expect(trunk(['opus', 'PCMU']).createOffer(offerableCodecs(['PCMU', 'opus']), 'sendrecv')).toContain('RTP/AVP 111 0 101 110\r\n');
  });
});

describe("the trunk's answer", () => {
  test('says what both use, each under the number of the other', () => {
    const leg = trunk(['PCMU', 'opus']);
    leg.createOffer(offerableCodecs(['PCMU', 'opus']), 'sendrecv');
    const answer = description([
      'm=audio 4000 RTP/AVP 96 97 0',
      'a=rtpmap:96 opus/48000/2',
      'a=fmtp:96 useinbandfec=1',
      'a=rtpmap:97 telephone-event/48000',
      'a=ptime:30',
    ]);
    expect(leg.receiveAnswer(answer)).toMatchObject({ rtp: { host: '192.0.2.1', port: 4000 }, rtcp: { port: 4001 }, ptimeMs: 30 });
    expect(formats(leg.agreed?.receive)).toEqual(['111 opus', '110 telephone-event', '0 PCMU']);
    expect(formats(leg.agreed?.send)).toEqual(['96 opus', '97 telephone-event', '0 PCMU']);
    expect(leg.agreed?.send[0]?.fmtp).toBe('useinbandfec=1');
    expect(leg.agreed).toMatchObject({ direction: 'sendrecv', ptimeMs: 30 });
    expect(leg.state).toBe('stable');
  });

  test.each([
    ['sendrecv', 'sendonly', 'recvonly'],
    ['sendrecv', 'recvonly', 'sendonly'],
    ['sendrecv', 'inactive', 'inactive'],
    ['sendonly', 'recvonly', 'sendonly'],
    ['sendonly', 'sendrecv', 'sendonly'],
    ['recvonly', 'sendrecv', 'recvonly'],
  ] as const)('to %s is %s: ours is %s', (offered, answered, ours) => {
    const leg = trunk();
    leg.createOffer(g711, offered);
    leg.receiveAnswer(description(['m=audio 4000 RTP/AVP 0', `a=${answered}`]));
    expect(leg.agreed?.direction).toBe(ours);
  });

  test.each([
    ['port 0', ['m=audio 0 RTP/AVP 0']],
    ['no common codec', ['m=audio 4000 RTP/AVP 18']],
    ['events alone', ['m=audio 4000 RTP/AVP 101', 'a=rtpmap:101 telephone-event/8000']],
    ['another profile', ['m=audio 4000 RTP/SAVP 0']],
    ['another kind', ['m=video 4000 RTP/AVP 0']],
    ['no m= line', []],
    ['an m= line too many', ['m=audio 4000 RTP/AVP 0', 'm=video 0 RTP/AVP 31']],
  ])('may not have %s', (_, media) => {
    const leg = trunk();
    leg.createOffer(g711, 'sendrecv');
    expect(() => leg.receiveAnswer(description(media))).toThrow(refusal(488));
    expect([leg.state, leg.agreed]).toEqual(['local-offer', null]);
    leg.rejectOffer();
    expect(leg.state).toBe('idle');
  });

  test('is replaced by that of another branch, or a 200 that differs from its 183', () => {
    const leg = calling();
    leg.receiveAnswer(description(['m=audio 5000 RTP/AVP 8']));
    expect(formats(leg.agreed?.send)).toEqual(['8 PCMA']);
    expect(leg.state).toBe('stable');
  });

  test('needs an offer of ours', () => {
    expect(() => trunk().receiveAnswer(description())).toThrow(refusal(400));
    expect(() => called().receiveAnswer(description())).toThrow(refusal(400));
  });
});

describe("the trunk's offer", () => {
  test('is read', () => {
    const offer = trunk().receiveOffer(
      description(['m=audio 4000 RTP/AVP 8 101', 'a=rtpmap:101 telephone-event/8000', 'a=rtcp:5001', 'a=ptime:20', 'a=maxptime:40']),
    );
    expect(offer).toMatchObject({
      direction: 'sendrecv',
      ptimeMs: 20,
      maxPtimeMs: 40,
      rtp: { host: '192.0.2.1', port: 4000 },
      rtcp: { host: '192.0.2.1', port: 5001 },
      ice: null,
      fingerprints: [],
      setup: null,
      iceRestart: false,
    });
    expect(formats(offer.codecs)).toEqual(['8 PCMA', '101 telephone-event']);
  });

  test('is answered under its numbers, in the order of the other leg', () => {
    const leg = trunk();
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 0 97 8', 'a=rtpmap:97 telephone-event/8000']));
    expect(leg.createAnswer([...offerableCodecs(['PCMA', 'PCMU'])], 'sendrecv')).toContain('m=audio 30000 RTP/AVP 8 0 97\r\n');
    expect(formats(leg.agreed?.receive)).toEqual(['8 PCMA', '0 PCMU', '97 telephone-event']);
    expect(leg.agreed?.send.map(({ payloadType }) => payloadType)).toEqual([8, 0, 97]);
  });

  test('that permits nothing of the policy, or has nothing in common, gets 488 and can be refused', () => {
    const leg = trunk();
    expect(leg.receiveOffer(description(['m=audio 4000 RTP/AVP 9 18'])).codecs).toEqual([]);
    expect(() => leg.createAnswer(g711, 'sendrecv')).toThrow(refusal(488));
    leg.rejectOffer();
    expect([leg.state, leg.localDescription]).toEqual(['idle', null]);
  });

  test('of events without audio of their clock is answered without them', () => {
    const leg = trunk(['opus']);
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 96 101', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:101 telephone-event/8000']));
    expect(leg.createAnswer(offerableCodecs(['opus']), 'sendrecv')).toContain('RTP/AVP 96\r\n');
  });

  test('of other media is answered line by line', () => {
    const leg = called(
      description(['m=video 4002 RTP/AVP 31 34', 'm=audio 4000 RTP/AVP 0', 'm=image 4004 udptl t38', 'm=audio 4006 RTP/AVP 8']),
    );
    expect(leg.localDescription?.match(/^m=.*/gm)).toEqual([
      'm=video 0 RTP/AVP 31',
      'm=audio 30000 RTP/AVP 0',
      'm=image 0 udptl t38',
      'm=audio 0 RTP/AVP 8',
    ]);
  });

  test('keeps its m= lines in an offer of ours', () => {
    const leg = called(description(['m=video 4002 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0']));
    expect(leg.createOffer(g711, 'sendonly').match(/^m=.*/gm)).toEqual(['m=video 0 RTP/AVP 31', 'm=audio 30000 RTP/AVP 0 8 101']);
    leg.receiveAnswer(description(['m=video 0 RTP/AVP 31', 'm=audio 4000 RTP/AVP 0', 'a=recvonly']));
    expect(leg.agreed?.direction).toBe('sendonly');
  });

  test('of a second audio is answered there when the first has no codec of ours', () => {
    const leg = called(description(['m=audio 4000 RTP/AVP 18', 'm=audio 4002 RTP/AVP 0']));
    expect(leg.localDescription?.match(/^m=.*/gm)).toEqual(['m=audio 0 RTP/AVP 18', 'm=audio 30000 RTP/AVP 0']);
  });

  test('of RTP/AVPF is answered so', () => {
    expect(called(description(['m=audio 4000 RTP/AVPF 0'])).localDescription).toContain('m=audio 30000 RTP/AVPF 0\r\n');
  });

  test.each([
    ['SRTP alone', description(['m=audio 4000 RTP/SAVP 0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:x'])],
    ['no audio', description(['m=video 4000 RTP/AVP 31'])],
    ['no media', description([])],
    ['audio switched off', description(['m=audio 0 RTP/AVP 0'])],
    ['a host name', description(undefined, 1, 'pbx.example.com')],
    ['a zone', description(undefined, 1, 'fe80::1%eth0')],
    ['another IP version', description(undefined, 1, '2001:db8::1')],
    ['a group address', description(undefined, 1, '233.252.0.1/127')],
    ['the broadcast address', description(undefined, 1, '255.255.255.255')],
    ['no address', description().replace(/c=.*\r\n/, '')],
    ['another network', description().replace('c=IN', 'c=FOO')],
  ])('with %s is refused', (_, sdp) => {
    const leg = trunk();
    expect(() => leg.receiveOffer(sdp)).toThrow(refusal(488));
    expect(leg.state).toBe('idle');
  });

  test('that is none is malformed', () => {
    expect(() => trunk().receiveOffer('hello')).toThrow(refusal(400));
  });

  // RFC 5118 section 4.8: each m= line has an address of its own kind.
  test('of another IP version in a line that is refused anyway', () => {
    const media = ['m=audio 22334 RTP/AVP 0', 'c=IN IP4 192.0.2.7', 'm=video 6024 RTP/AVP 107', 'c=IN IP6 2001:db8::1'];
    expect(trunk().receiveOffer(description(media)).rtp).toEqual({ host: '192.0.2.7', port: 22334 });
  });

  test('over IPv6', () => {
    const leg = new TrunkNegotiation({ rtp: { host: '2001:db8::5', port: 30000 }, sessionId: '1' }, { codecs: ['PCMU'] });
    expect(leg.receiveOffer(description(undefined, 1, '2001:db8::1')).rtp).toEqual({ host: '2001:db8::1', port: 4000 });
    expect(leg.createAnswer(g711, 'sendrecv')).toContain('o=- 4711 1 IN IP6 2001:db8::5\r\n'.replace('4711', '1'));
  });
});

describe('states', () => {
  test('an offer that crosses another is 491', () => {
    const leg = trunk();
    leg.createOffer(g711, 'sendrecv');
    expect(() => leg.receiveOffer(description())).toThrow(refusal(491));
    expect(leg.state).toBe('local-offer');
    const other = trunk();
    other.receiveOffer(description());
    expect(() => other.receiveOffer(description())).toThrow(refusal(491));
    expect(other.state).toBe('remote-offer');
  });

  test('what we do out of turn is a defect of ours', () => {
    const leg = trunk();
    expect(() => leg.createAnswer(g711, 'sendrecv')).toThrow('createAnswer in state idle');
    expect(() => leg.rejectOffer()).toThrow('rejectOffer in state idle');
    leg.receiveOffer(description());
    expect(() => leg.createOffer(g711, 'sendrecv')).toThrow('createOffer in state remote-offer');
  });

  test('localDescription is what was sent last', () => {
    const leg = trunk();
    expect(leg.localDescription).toBeNull();
    const offer = leg.createOffer(g711, 'sendrecv');
    expect(leg.localDescription).toBe(offer);
    leg.receiveAnswer(description());
    expect(leg.localDescription).toBe(offer);
    leg.receiveOffer(description(undefined, 2, '192.0.2.9'));
    expect(leg.localDescription).toBe(offer);
    expect(leg.createAnswer(g711, 'sendrecv')).toBe(leg.localDescription);
  });

  test('a refused offer of the peer changes nothing', () => {
    const leg = called();
    const { agreed, localDescription } = leg;
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 8'], 2));
    leg.rejectOffer();
    expect([leg.state, leg.agreed, leg.localDescription]).toEqual(['stable', agreed, localDescription]);
  });

  test('a number keeps its meaning when the trunk calls with its own', () => {
    const leg = trunk(['opus', 'PCMU']);
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 96 97', 'a=rtpmap:96 opus/48000/2', 'a=rtpmap:97 telephone-event/48000']));
    leg.createAnswer(offerableCodecs(['opus']), 'sendrecv');
    expect(leg.createOffer(offerableCodecs(['opus', 'PCMU']), 'sendrecv')).toContain('RTP/AVP 96 0 101 97\r\n');
  });
});
