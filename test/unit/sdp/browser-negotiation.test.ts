import { describe, expect, test } from 'vitest';
import { BrowserNegotiation } from '../../../src/sdp/browser-negotiation.ts';
import { offerableCodecs } from '../../../src/sdp/codecs.ts';
import { exampleGateway } from '../../../src/sdp/rewrite.ts';
import { captured } from '../../support/sdp-fixtures.ts';
import { browserViolations } from '../../support/sdp-rules.ts';

const local = exampleGateway.browser;
const g711 = offerableCodecs(['PCMU', 'PCMA']);
const chromium = captured('chromium-offer-audio');
const firefox = captured('firefox-offer-audio');
const refused = (text: string | RegExp): object =>
  expect.objectContaining({ name: 'SdpError', status: 488, message: expect.stringMatching(text) });

function browser(options: Partial<typeof local> = {}): BrowserNegotiation {
  return new BrowserNegotiation({ ...local, ...options });
}

/** The answer to a browser's first offer. */
function answerTo(offer: string, codecs = g711): string {
  const leg = browser();
  leg.receiveOffer(offer);
  return leg.createAnswer(codecs, 'sendrecv');
}

const lines = (sdp: string, pattern: RegExp): string[] => sdp.match(pattern) ?? [];

describe('our answer', () => {
  test('is exactly this', () => {
    expect(answerTo(chromium)).toBe(
      [
        'v=0',
        'o=- 7000000000000000001 1 IN IP4 203.0.113.5',
        's=-',
        't=0 0',
        'a=group:BUNDLE 0',
        'a=ice-lite',
        'm=audio 40000 UDP/TLS/RTP/SAVPF 0 8 126',
        'c=IN IP4 203.0.113.5',
        'a=mid:0',
        'a=sendrecv',
        'a=rtpmap:0 PCMU/8000',
        'a=rtpmap:8 PCMA/8000',
        'a=rtpmap:126 telephone-event/8000',
        'a=fmtp:126 0-15',
        'a=rtcp-mux',
        'a=setup:passive',
        `a=fingerprint:sha-256 ${local.fingerprint.value}`,
        'a=ice-ufrag:offhook0',
        'a=ice-pwd:offhookExamplePassword00',
        'a=candidate:1 1 udp 2130706431 203.0.113.5 40000 typ host',
        'a=end-of-candidates',
        'a=msid:offhook offhook-audio',
        'a=ssrc:1000000007 cname:offhook-example',
        '',
      ].join('\r\n'),
    );
  });

  test.each([
    'chromium-offer-audio',
    'chromium-offer-audio-before-gathering',
    'chromium-offer-audio-data',
    'chromium-offer-audio-video',
    'chromium-offer-audio-max-bundle',
    'chromium-offer-audio-setCodecPreferences-g711',
    'chromium-offer-recvonly-no-mic-permission',
    'firefox-offer-audio',
    'firefox-offer-audio-before-gathering',
    'firefox-offer-audio-data',
    'firefox-offer-audio-video',
    'firefox-offer-audio-max-bundle',
    'firefox-offer-audio-setCodecPreferences-g711',
    'firefox-offer-recvonly-no-mic-permission-used',
    'jssip-3.13.8-1-offer',
    'sipjs-0.21.2-1-offer',
  ])('to %s follows the rules', (name) => {
    const offer = captured(name);
    expect(browserViolations(answerTo(offer), { kind: 'answer', offer })).toEqual([]);
  });

  test('keeps every m= line with its mid and refuses what is not audio', () => {
    const answer = answerTo(captured('firefox-offer-audio-video'));
    expect(lines(answer, /^(m=|a=mid|a=group|a=bundle-only).*/gm).map((line) => line.replace(/ \d+( \d+)*$/, ''))).toEqual([
      'a=group:BUNDLE',
      'm=audio 40000 UDP/TLS/RTP/SAVPF',
      'a=mid:0',
      'm=video 0 UDP/TLS/RTP/SAVPF',
      'a=mid:1',
    ]);
    expect(answerTo(captured('chromium-offer-audio-data'))).toContain('m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\n');
  });

  test.each(['UDP/TLS/RTP/SAVP', 'RTP/SAVPF', 'RTP/SAVP', 'TCP/DTLS/RTP/SAVPF'])('mirrors the profile %s', (profile) => {
    expect(answerTo(chromium.replace('UDP/TLS/RTP/SAVPF', profile))).toContain(`m=audio 40000 ${profile} 0 8 126\r\n`);
  });

  test('has no BUNDLE and no mid when none was offered', () => {
    const offer = chromium.replace(/a=(group|mid):.*\r\n/g, '');
    expect(browserViolations(answerTo(offer), { kind: 'answer', offer })).toEqual([]);
    expect(answerTo(offer)).not.toMatch(/a=(group|mid)/);
  });

  test('has one candidate for each address, the preferred first', () => {
    const leg = browser({
      candidates: [
        { host: '203.0.113.5', port: 40000 },
        { host: '2001:db8::5', port: 40001 },
      ],
    });
    leg.receiveOffer(chromium);
    expect(lines(leg.createAnswer(g711, 'sendrecv'), /^a=candidate.*/gm)).toEqual([
      'a=candidate:1 1 udp 2130706431 203.0.113.5 40000 typ host',
      'a=candidate:2 1 udp 2130706175 2001:db8::5 40001 typ host',
    ]);
  });

  test('never has comfort noise, red or a codec that the other leg did not take', () => {
    const all = browser().receiveOffer(chromium).codecs;
    const answer = answerTo(chromium, [...all]);
    expect(lines(answer, /^m=.*/gm)).toEqual(['m=audio 40000 UDP/TLS/RTP/SAVPF 111 9 0 8 126 110']);
  });

  test("carries the other leg's parameters, under the browser's numbers", () => {
    const [opus] = offerableCodecs(['opus']);
    if (!opus) throw new Error('no opus');
    const answer = answerTo(firefox, [{ ...opus, fmtp: 'useinbandfec=1' }]);
    expect(lines(answer, /^(m=|a=rtpmap|a=fmtp).*/gm)).toEqual([
      'm=audio 40000 UDP/TLS/RTP/SAVPF 109',
      'a=rtpmap:109 opus/48000/2',
      'a=fmtp:109 useinbandfec=1',
    ]);
  });

  test('has no telephone-events for a user whose digits go as INFO', () => {
    const leg = browser({ telephoneEvents: false });
    leg.receiveOffer(chromium);
    expect(leg.createAnswer(g711, 'sendrecv')).toContain('SAVPF 0 8\r\n');
  });

  test('needs a common codec', () => {
    const leg = browser();
    leg.receiveOffer(captured('chromium-offer-audio-setCodecPreferences-g711'));
    expect(() => leg.createAnswer(offerableCodecs(['opus']), 'sendrecv')).toThrow(refused('no common codec'));
    expect(leg.dtlsRole).toBeNull();
  });
});

describe('reading a browser', () => {
  test('Chromium: codecs, ICE, fingerprint, setup', () => {
    expect(browser().receiveOffer(chromium)).toMatchObject({
      direction: 'sendrecv',
      ice: { ufrag: 'mYi9', pwd: 'pSizajymsFiAvij3wZrCnJN/' },
      fingerprints: [{ algorithm: 'sha-256' }],
      setup: 'actpass',
      rtp: null,
      rtcp: null,
    });
    expect(
      browser()
        .receiveOffer(chromium)
        .codecs.map(({ payloadType }) => payloadType),
    ).toEqual([111, 63, 9, 0, 8, 13, 110, 126]);
  });

  test('Firefox: what stands at session level, and that 0.0.0.0 and port 9 are no hold', () => {
    expect(browser().receiveOffer(firefox)).toMatchObject({
      direction: 'sendrecv',
      ice: { ufrag: '6d86ff78' },
      fingerprints: [{ algorithm: 'sha-256', value: expect.stringMatching(/^72:13/) }],
    });
  });

  test('ICE credentials at session level', () => {
    const atSession = firefox.replace(/(a=ice-ufrag:.*\r\n)/, '').replace('t=0 0\r\n', 't=0 0\r\na=ice-ufrag:sess\r\n');
    expect(() => browser().receiveOffer(atSession)).toThrow(refused('ice-ufrag'));
    const whole = atSession.replace(/a=ice-pwd:.*\r\n/, '').replace('t=0 0\r\n', `t=0 0\r\na=ice-pwd:${'p'.repeat(22)}\r\n`);
    expect(browser().receiveOffer(whole).ice?.ufrag).toBe('sess');
  });

  test('the tagged m= line of a BUNDLE speaks for those without transport attributes', () => {
    const [session = '', audio = '', video = ''] = captured('chromium-offer-audio-video').split(/(?=^m=)/m);
    const bare = audio
      .replace(/a=(ice-|fingerprint|setup|candidate|rtcp).*\r\n/g, '')
      .replace(/m=audio \d+/, 'm=audio 0')
      .replace('a=mid:0', 'a=mid:0\r\na=bundle-only');
    const offer = session.replace('BUNDLE 0 1', 'BUNDLE 1 0') + video + bare;
    const leg = browser();
    expect(leg.receiveOffer(offer).ice?.ufrag).toBe('VUfZ');
    const answer = leg.createAnswer(g711, 'sendrecv');
    expect(browserViolations(answer, { kind: 'answer', offer })).toEqual([]);
    expect(lines(answer, /^m=\w+ \d+/gm)).toEqual(['m=video 0', 'm=audio 40000']);
  });

  test('several fingerprints', () => {
    const sha512 = `a=fingerprint:sha-512 ${Array.from({ length: 64 }, () => 'AA').join(':')}\r\n`;
    expect(browser().receiveOffer(chromium.replace('a=setup', `${sha512}a=setup`)).fingerprints).toHaveLength(2);
  });

  test.each([
    ['no ICE', chromium.replace(/a=ice-(ufrag|pwd).*\r\n/g, ''), 'a=ice-ufrag'],
    ['a short password', chromium.replace(/a=ice-pwd.*/, 'a=ice-pwd:short'), 'a=ice-ufrag'],
    ['a ufrag of 257 characters', chromium.replace(/a=ice-ufrag.*/, `a=ice-ufrag:${'x'.repeat(257)}`), 'a=ice-ufrag'],
    ['no fingerprint', chromium.replace(/a=fingerprint.*\r\n/, ''), 'a=fingerprint'],
    ['a weak fingerprint', chromium.replace('sha-256', 'sha-1'), 'a=fingerprint'],
    ['no rtcp-mux', chromium.replace('a=rtcp-mux\r\n', ''), 'a=rtcp-mux'],
    ['ICE-lite', chromium.replace('t=0 0\r\n', 't=0 0\r\na=ice-lite\r\n'), 'ICE-lite'],
    ['setup:holdconn', chromium.replace('setup:actpass', 'setup:holdconn'), 'a=setup:holdconn'],
    ['plain RTP', chromium.replace('UDP/TLS/RTP/SAVPF', 'RTP/AVP'), 'no m=audio of UDP/TLS/RTP/SAVPF'],
    ['no audio', chromium.replace('m=audio', 'm=video'), 'no m=audio'],
  ])('%s is refused in plain words', (_, offer, words) => {
    const leg = browser();
    expect(() => leg.receiveOffer(offer)).toThrow(refused(words));
    expect(leg.state).toBe('idle');
  });

  test('a ufrag of 256 characters is legal', () => {
    expect(browser().receiveOffer(chromium.replace(/a=ice-ufrag.*/, `a=ice-ufrag:${'x'.repeat(256)}`)).ice?.ufrag).toHaveLength(256);
  });

  test('a thousand candidates do no harm', () => {
    const candidates = Array.from(
      { length: 1000 },
      (_, index) => `a=candidate:${index} 1 udp 1 10.0.${index >> 8}.${index & 255} 9 typ host\r\n`,
    );
    const answer = answerTo(chromium.replace(/(a=candidate.*\r\n)+/, candidates.join('')));
    expect(answer).toBe(answerTo(chromium));
  });

  test('names and addresses of the browser do not come back', () => {
    for (const offer of [chromium, firefox]) expect(answerTo(offer)).not.toMatch(/10\.99|\.local/);
  });
});

describe('our offer', () => {
  test('follows the rules', () => {
    const offer = browser().createOffer(g711, 'sendrecv', 20);
    expect(browserViolations(offer, { kind: 'offer' })).toEqual([]);
    expect(lines(offer, /^(m=|a=setup|a=mid|a=ptime|a=group).*/gm)).toEqual([
      'a=group:BUNDLE 0',
      'm=audio 40000 UDP/TLS/RTP/SAVPF 0 8 101',
      'a=mid:0',
      'a=ptime:20',
      'a=setup:actpass',
    ]);
  });

  test.each(['chromium', 'firefox'])('%s answers it', (name) => {
    const leg = browser();
    leg.createOffer(g711, 'sendrecv');
    const answer = leg.receiveAnswer(captured(`${name}-answer-to-gateway-offer-pcma-te`));
    expect(answer).toMatchObject({ setup: 'active', direction: 'sendrecv', ice: { ufrag: expect.any(String) } });
    expect(leg.dtlsRole).toBe('server');
    expect(leg.agreed?.receive.map(({ payloadType }) => payloadType)).toEqual([8, 101]);
    expect(leg.agreed?.send.map(({ encoding }) => encoding)).toEqual(['PCMA', 'telephone-event']);
  });

  test('comfort noise that an answer keeps is not agreed', () => {
    const leg = browser();
    leg.createOffer(g711, 'sendrecv');
    leg.receiveAnswer(captured('chromium-answer-to-gateway-offer-pcmu-pcma-te-cn'));
    expect(leg.agreed?.send.map(({ payloadType }) => payloadType)).toEqual([0, 8, 101]);
  });

  test('an answer that is passive makes us the DTLS client; one without setup too', () => {
    for (const setup of ['a=setup:passive\r\n', '']) {
      const leg = browser();
      leg.createOffer(g711, 'sendrecv');
      leg.receiveAnswer(captured('chromium-answer-to-gateway-offer-pcmu-te').replace('a=setup:active\r\n', setup));
      expect(leg.dtlsRole).toBe('client');
    }
  });

  test.each([
    ['no rtcp-mux', /a=rtcp-mux\r\n/, '', 'a=rtcp-mux'],
    ['no fingerprint', /a=fingerprint.*\r\n/, '', 'a=fingerprint'],
    ['no ICE', /a=ice-pwd.*\r\n/, '', 'a=ice-ufrag'],
    ['setup:actpass', /setup:active/, 'setup:actpass', 'a=setup:actpass'],
    ['another mid', /a=mid:0/, 'a=mid:audio', 'mid'],
    ['another profile', /UDP\/TLS\/RTP\/SAVPF/, 'RTP/AVP', 'refuses the audio'],
    ['port 0', /m=audio \d+/, 'm=audio 0', 'refuses the audio'],
    ['no codec of ours', /SAVPF 0 101/, 'SAVPF 9', 'no codec'],
    ['an m= line too many', /$/, 'm=video 0 RTP/SAVPF 96\r\n', 'm= lines'],
  ])('an answer with %s is refused', (_, from, to, words) => {
    const leg = browser();
    leg.createOffer(g711, 'sendrecv');
    expect(() => leg.receiveAnswer(captured('chromium-answer-to-gateway-offer-pcmu-te').replace(from, to))).toThrow(refused(words));
    expect([leg.state, leg.dtlsRole]).toEqual(['local-offer', null]);
  });
});

describe('the DTLS role', () => {
  test.each([
    ['actpass', 'passive', 'server'],
    ['active', 'passive', 'server'],
    ['passive', 'active', 'client'],
  ])('offered %s, answered %s: we are the %s', (offered, answered, role) => {
    const leg = browser();
    leg.receiveOffer(chromium.replace('setup:actpass', `setup:${offered}`));
    expect(leg.dtlsRole).toBeNull();
    expect(leg.createAnswer(g711, 'sendrecv')).toContain(`a=setup:${answered}\r\n`);
    expect(leg.dtlsRole).toBe(role);
  });

  test('without a=setup the offerer is active', () => {
    expect(answerTo(chromium.replace('a=setup:actpass\r\n', ''))).toContain('a=setup:passive\r\n');
  });

  test('stays, whoever offers next', () => {
    for (const setup of ['passive', 'actpass']) {
      const leg = browser();
      leg.receiveOffer(chromium.replace('setup:actpass', `setup:${setup}`));
      leg.createAnswer(g711, 'sendrecv');
      const { dtlsRole } = leg;
      leg.receiveOffer(chromium);
      expect(leg.createAnswer(g711, 'sendonly')).toContain(dtlsRole === 'client' ? 'a=setup:active\r\n' : 'a=setup:passive\r\n');
      expect(leg.createOffer(g711, 'sendrecv')).toContain('a=setup:actpass\r\n');
      expect(leg.dtlsRole).toBe(dtlsRole);
    }
  });

  test('an offer or answer that reverses it is refused', () => {
    const leg = browser();
    leg.receiveOffer(chromium);
    leg.createAnswer(g711, 'sendrecv');
    expect(() => leg.receiveOffer(chromium.replace('setup:actpass', 'setup:passive'))).toThrow(refused('reverses the DTLS role'));
    leg.createOffer(g711, 'sendonly');
    const answer = captured('chromium-answer-to-gateway-offer-pcmu-te').replace('setup:active', 'setup:passive');
    expect(() => leg.receiveAnswer(answer)).toThrow(refused('reverses the DTLS role'));
    expect(leg.dtlsRole).toBe('server');
  });
});
