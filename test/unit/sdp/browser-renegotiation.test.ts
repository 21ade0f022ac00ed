import { describe, expect, test } from 'vitest';
import { BrowserNegotiation } from '../../../src/sdp/browser-negotiation.ts';
import { offerableCodecs } from '../../../src/sdp/codecs.ts';
import { exampleGateway } from '../../../src/sdp/rewrite.ts';
import { captured } from '../../support/sdp-fixtures.ts';
import { browserViolations } from '../../support/sdp-rules.ts';

const local = exampleGateway.browser;
const g711 = offerableCodecs(['PCMU', 'PCMA']);
const fresh = { ufrag: 'offhook1', pwd: 'offhookExamplePassword11' };

/** A leg whose browser has called with this offer. */
function called(offer: string): BrowserNegotiation {
  const leg = new BrowserNegotiation(local);
  leg.receiveOffer(offer);
  leg.createAnswer(g711, 'sendrecv');
  return leg;
}

const chromium = captured('chromium-offer-audio');
const version = (sdp: string | null): string | undefined => sdp?.match(/^o=- \d+ (\d+)/m)?.[1];

/** Everything that must stay on a browser's leg: transport, identity and structure. */
const lasting = (sdp: string | null): string[] =>
  sdp?.match(/^(m=\w+ \d+ \S+|c=|a=(mid|group|ice-|setup|fingerprint|candidate|msid|ssrc|rtcp-mux)).*/gm) ?? [];

/** The order in which each client really offers within a call. */
const calls = [
  {
    client: 'Chromium',
    first: 'chromium-pair-1-offer',
    later: ['chromium-pair-3-hold-sendonly-offer', 'chromium-pair-3-hold-inactive-offer', 'chromium-pair-3-resume-offer'],
    restart: 'chromium-pair-3-ice-restart-offer',
  },
  {
    client: 'Firefox',
    first: 'firefox-pair-1-offer',
    later: ['firefox-pair-3-hold-sendonly-offer', 'firefox-pair-3-hold-inactive-offer', 'firefox-pair-3-resume-offer'],
    restart: 'firefox-pair-3-ice-restart-offer',
  },
  {
    client: 'JsSIP',
    first: 'jssip-3.13.8-1-offer',
    later: ['jssip-3.13.8-2-hold', 'jssip-3.13.8-3-resume'],
    restart: 'jssip-3.13.8-4-ice-restart',
  },
  {
    client: 'SIP.js',
    first: 'sipjs-0.21.2-1-offer',
    later: ['sipjs-0.21.2-2-hold', 'sipjs-0.21.2-3-resume'],
    restart: 'sipjs-0.21.2-4-ice-restart',
  },
];

describe.each(calls)('$client within a call', ({ first, later, restart }) => {
  test('holds and resumes: only the direction and the version change', () => {
    const leg = called(captured(first));
    const begun = lasting(leg.localDescription);
    for (const name of later) {
      const sdp = captured(name);
      const offer = leg.receiveOffer(sdp);
      expect(offer).toMatchObject({ iceRestart: false });
      const answer = leg.createAnswer(g711, 'sendrecv');
      expect(browserViolations(answer, { kind: 'answer', offer: sdp })).toEqual([]);
      expect(lasting(answer)).toEqual(begun);
      expect(answer).toContain(
        { sendonly: 'a=recvonly\r\n', inactive: 'a=inactive\r\n', sendrecv: 'a=sendrecv\r\n', recvonly: '' }[offer.direction],
      );
    }
    expect(leg.agreed?.direction).toBe('sendrecv');
  });

  test('restarts ICE: it gets new credentials, and nothing else is new', () => {
    const leg = called(captured(first));
    const begun = lasting(leg.localDescription);
    expect(leg.receiveOffer(captured(restart))).toMatchObject({ iceRestart: true, direction: 'sendrecv' });
    leg.replaceIce(fresh);
    const answer = leg.createAnswer(g711, 'sendrecv');
    const expected = begun.map((line) => line.replace(local.ice.ufrag, fresh.ufrag).replace(local.ice.pwd, fresh.pwd));
    expect(lasting(answer)).toEqual(expected);
    expect(leg.receiveOffer(captured(restart)).iceRestart).toBe(false);
  });
});

test('a restart that is refused leaves the old credentials', () => {
  const leg = called(chromium);
  leg.receiveOffer(chromium.replace('mYi9', 'new9'));
  leg.replaceIce(fresh);
  leg.rejectOffer();
  expect(leg.createOffer(g711, 'sendonly')).toContain(`a=ice-ufrag:${local.ice.ufrag}\r\n`);
});

test('either half of the credentials makes a restart', () => {
  const leg = called(chromium);
  expect(leg.receiveOffer(chromium.replace('pSizajymsFiAvij3wZrCnJN/', 'qSizajymsFiAvij3wZrCnJN/')).iceRestart).toBe(true);
});

test('another certificate alone makes none', () => {
  const leg = called(chromium);
  expect(leg.receiveOffer(chromium.replace('23:C9', '24:C9')).iceRestart).toBe(false);
});

describe('a refresh', () => {
  test('gets the same answer byte for byte, though its version rose', () => {
    const leg = called(chromium);
    const before = leg.localDescription;
    leg.receiveOffer(chromium.replace(' 2 IN', ' 3 IN'));
    expect(leg.createAnswer(g711, 'sendrecv')).toBe(before);
  });

  test('new candidates are no change: they do not concern us', () => {
    const leg = called(chromium);
    const before = leg.localDescription;
    leg.receiveOffer(chromium.replace(/a=candidate.*\r\n/g, ''));
    expect(leg.createAnswer(g711, 'sendrecv')).toBe(before);
  });
});

describe('later offers of the browser', () => {
  test('add video: it is refused, and the audio stays', () => {
    const leg = called(chromium);
    const [, , video = ''] = captured('chromium-offer-audio-video').split(/(?=^m=)/m);
    const offer = chromium.replace('BUNDLE 0', 'BUNDLE 0 1') + video;
    leg.receiveOffer(offer);
    const answer = leg.createAnswer(g711, 'sendrecv');
    expect(browserViolations(answer, { kind: 'answer', offer })).toEqual([]);
    expect(answer).toContain('a=group:BUNDLE 0\r\n');
    expect(version(answer)).toBe('2');
  });

  test('another mid for the audio is refused', () => {
    const leg = called(chromium);
    const offer = chromium.replace('a=mid:0', 'a=mid:7').replace('BUNDLE 0', 'BUNDLE 7');
    expect(() => leg.receiveOffer(offer)).toThrow('the mid of the audio has changed');
    expect(leg.state).toBe('stable');
  });

  test('m= lines in another order are refused', () => {
    const offer = captured('chromium-offer-audio-video');
    const [session = '', audio = '', video = ''] = offer.split(/(?=^m=)/m);
    expect(() => called(offer).receiveOffer(session + video + audio)).toThrow('the mid of the audio has changed');
  });

  test('fewer m= lines are refused', () => {
    const leg = called(captured('chromium-offer-audio-video'));
    expect(() => leg.receiveOffer(captured('chromium-offer-audio-video').split(/(?=^m=video)/m)[0] ?? '')).toThrow(
      'an m= line of the session is missing',
    );
  });

  test('a refused line may be used anew under another mid', () => {
    const offer = captured('chromium-offer-audio-video');
    const leg = called(offer);
    const recycled = offer.replace('a=mid:1', 'a=mid:5').replace('BUNDLE 0 1', 'BUNDLE 0 5');
    leg.receiveOffer(recycled);
    expect(leg.createAnswer(g711, 'sendrecv')).toContain('a=mid:5\r\n');
  });

  test('the audio moves only when its line is given up', () => {
    const two = chromium.replace('BUNDLE 0', 'BUNDLE 0 1') + chromium.slice(chromium.indexOf('m=audio')).replace('a=mid:0', 'a=mid:1');
    const leg = called(two);
    expect(leg.localDescription?.match(/^m=audio \d+/gm)).toEqual(['m=audio 40000', 'm=audio 0']);
    leg.receiveOffer(two.replace(/m=audio \d+/, 'm=audio 0').replace('BUNDLE 0 1', 'BUNDLE 1'));
    const answer = leg.createAnswer(g711, 'sendrecv');
    expect(answer.match(/^(m=audio \d+|a=mid.*|a=group.*)/gm)).toEqual([
      'a=group:BUNDLE 1',
      'm=audio 0',
      'a=mid:0',
      'm=audio 40000',
      'a=mid:1',
    ]);
  });
});

describe('later offers of ours', () => {
  test("repeat the browser's m= lines, mids, profile and numbers", () => {
    const first = captured('chromium-offer-audio-video').replaceAll('UDP/TLS/RTP/SAVPF', 'RTP/SAVPF');
    const leg = called(first);
    const offer = leg.createOffer(offerableCodecs(['opus', 'PCMU']), 'sendrecv');
    expect(offer.match(/^(m=|a=mid|a=group|a=setup|a=ice-ufrag).*/gm)).toEqual([
      'a=group:BUNDLE 0',
      'm=audio 40000 RTP/SAVPF 111 0 126 110',
      'a=mid:0',
      'a=setup:actpass',
      'a=ice-ufrag:offhook0',
      'm=video 0 RTP/SAVPF 96',
      'a=mid:1',
    ]);
  });

  test('are answered with the m= lines that they had', () => {
    const leg = called(captured('chromium-offer-audio-video'));
    leg.createOffer(g711, 'sendonly');
    const [answer = ''] = [captured('chromium-answer-to-gateway-offer-pcmu-te')];
    expect(() => leg.receiveAnswer(answer)).toThrow('m= lines');
    leg.receiveAnswer(
      `${answer.replace('sendrecv', 'recvonly')}m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=inactive\r\n`,
    );
    expect(leg.agreed?.direction).toBe('sendonly');
  });

  test('carry new credentials when we restart', () => {
    const leg = called(chromium);
    leg.replaceIce(fresh);
    expect(leg.createOffer(g711, 'sendrecv')).toContain(`a=ice-ufrag:${fresh.ufrag}\r\n`);
  });

  test('that are refused leave everything as it was', () => {
    const leg = called(chromium);
    const { agreed, localDescription } = leg;
    leg.createOffer(g711, 'inactive');
    leg.rejectOffer();
    expect([leg.state, leg.agreed, leg.localDescription]).toEqual(['stable', agreed, localDescription]);
  });

  test('with the codec of the trunk use the number that the browser gave it', () => {
    const leg = called(captured('firefox-offer-audio'));
    expect(leg.createOffer(offerableCodecs(['opus']), 'sendrecv')).toContain('SAVPF 109 110\r\n');
  });
});
