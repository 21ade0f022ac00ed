import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BrowserNegotiation } from '../../../src/sdp/browser-negotiation.ts';
import { codecNames, offerableCodecs } from '../../../src/sdp/codecs.ts';
import type { Negotiation } from '../../../src/sdp/negotiate.ts';
import { defaultLimits, parseDescription } from '../../../src/sdp/parse.ts';
import { printDescription } from '../../../src/sdp/print.ts';
import { exampleGateway } from '../../../src/sdp/rewrite.ts';
import { SdpError } from '../../../src/sdp/sdp-error.ts';
import { TrunkNegotiation } from '../../../src/sdp/trunk-negotiation.ts';
import { allDescriptions, captured } from '../../support/sdp-fixtures.ts';

const all = offerableCodecs(codecNames);
const browser = (): Negotiation => new BrowserNegotiation(exampleGateway.browser);
const trunk = (): Negotiation => new TrunkNegotiation(exampleGateway.trunk, { codecs: codecNames });

/** Offers `sdp` and answers our offer with it, on both kinds of leg; what we say then has to be SDP. Only SdpError may be thrown. */
function confront(sdp: string): void {
  for (const make of [browser, trunk]) {
    tolerate(() => {
      const leg = make();
      const { codecs } = leg.receiveOffer(sdp);
      said(leg.createAnswer(codecs, 'sendrecv'));
      said(leg.createOffer(all, 'sendonly'));
    });
    tolerate(() => {
      const leg = make();
      leg.createOffer(all, 'sendrecv', 20);
      leg.receiveAnswer(sdp);
      said(leg.createOffer(leg.agreed?.receive ?? [], 'inactive'));
    });
  }
}

function tolerate(action: () => void): void {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(SdpError);
  }
}

/** What we say parses, is ended by CRLF throughout, and has one open m= line at most. */
function said(sdp: string): void {
  const { media } = parseDescription(sdp);
  expect(sdp.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
  expect(media.filter(({ port }) => port !== 0)).toHaveLength(1);
  expect(printDescription(parseDescription(sdp))).toBe(sdp);
}

describe('any description meets answers or SdpError', () => {
  test('every description at hand', () => {
    for (const { sdp } of allDescriptions()) confront(sdp);
  });

  test('every truncation of an offer', () => {
    for (const name of ['chromium-offer-audio', 'firefox-offer-audio']) {
      const sdp = captured(name);
      for (let length = 0; length < sdp.length; length += 3) confront(sdp.slice(0, length));
    }
  });

  test('lines left out, doubled, moved and spoilt', () => {
    const lines = fc
      .constantFrom('chromium-offer-audio-video', 'firefox-offer-audio', 'chromium-answer-to-gateway-offer-pcmu-te')
      .map((name) => captured(name).split('\r\n'));
    const spoilt = fc
      .tuple(lines, fc.infiniteStream(fc.nat(99)), fc.string({ unit: 'binary', maxLength: 30 }))
      .map(([given, dice, junk]) => {
        const next = (): number => dice.next().value ?? 0;
        return given
          .flatMap((line) => {
            const roll = next();
            if (roll < 4) return [];
            if (roll < 6) return [line, line];
            if (roll < 8) return [line.slice(0, next()) + junk];
            if (roll < 9) return [`a=${junk}`, line];
            return [line];
          })
          .join('\r\n');
      });
    fc.assert(fc.property(spoilt, confront), { numRuns: 500 });
  });

  test('attributes that are no attributes', () => {
    const base = captured('chromium-offer-audio');
    const values = ['', ':', ' ', '-1', '99999999999', '0 ', '/', '__proto__', 'constructor', '٣', '💥', '%s%n', `${'9'.repeat(400)}`];
    const names = [
      'rtpmap',
      'fmtp',
      'mid',
      'group',
      'ptime',
      'maxptime',
      'rtcp',
      'setup',
      'fingerprint',
      'ice-ufrag',
      'ice-pwd',
      'candidate',
      'ssrc',
    ];
    for (const name of names) for (const value of values) confront(base.replace('a=sendrecv', `a=${name}:${value}\r\na=sendrecv`));
  });
});

describe('the largest descriptions take little time', () => {
  const base = captured('chromium-offer-audio');
  const times = Math.floor((defaultLimits.maxLength - base.length) / 80);
  const line = (start: string): string => `${start.padEnd(78, ' x')}\r\n`;

  test.each([
    ['candidates', line('a=candidate:1 1 udp 1 10.0.0.1 9 typ host')],
    ['rtpmaps', line('a=rtpmap:111 opus/48000/2')],
    ['fingerprints', line('a=fingerprint:sha-256 00')],
    ['groups', line('a=group:BUNDLE 1')],
    ['fmtps', line('a=fmtp:111 x')],
  ])('of %s', (_, repeated) => {
    const sdp = base + repeated.repeat(times);
    confront(sdp);
  });

  test('of one m= line with every format', () => {
    const formats = Array.from({ length: 20_000 }, (_, index) => index % 200).join(' ');
    confront(base.replace(/SAVPF .*/, `SAVPF ${formats}`));
  });

  test('of as many m= lines as there may be', () => {
    const sdp = base + 'm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:x\r\n'.repeat(defaultLimits.maxMedia - 1);
    confront(sdp);
    const leg = browser();
    leg.receiveOffer(sdp);
    expect(leg.createAnswer(all, 'sendrecv').match(/^m=/gm)).toHaveLength(defaultLimits.maxMedia);
    expect(() => browser().receiveOffer(`${sdp}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`)).toThrow(SdpError);
  });
});
