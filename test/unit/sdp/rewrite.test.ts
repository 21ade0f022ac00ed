import { describe, expect, test } from 'vitest';
import type { Explanation } from '../../../src/sdp/explain.ts';
import { exampleGateway, type Rewritten, rewriteAnswer, rewriteOffer } from '../../../src/sdp/rewrite.ts';
import { captured, sdpFixtures } from '../../support/sdp-fixtures.ts';

const chromium = captured('chromium-offer-audio');
const sipp = 'v=0\r\no=user1 1 1 IN IP4 192.0.2.20\r\ns=-\r\nc=IN IP4 192.0.2.20\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=ptime:30\r\n';
const toTrunk = { ...exampleGateway, to: 'trunk' } as const;
const toBrowser = { ...exampleGateway, to: 'browser' } as const;

describe('one exchange', () => {
  test('is free of state: the same in, the same out', () => {
    expect(rewriteOffer(chromium, toTrunk)).toEqual(rewriteOffer(chromium, toTrunk));
    expect(rewriteAnswer(sipp, { ...toBrowser, offer: chromium })).toEqual(rewriteAnswer(sipp, { ...toBrowser, offer: chromium }));
  });

  test('passes packet times on', () => {
    expect(rewriteOffer(sipp, toBrowser).sdp).toContain('a=ptime:30\r\n');
    expect(rewriteAnswer(sipp, { ...toBrowser, offer: chromium }).sdp).toContain('a=ptime:30\r\n');
    expect(rewriteOffer(chromium.replace('a=sendrecv', 'a=sendrecv\r\na=maxptime:60'), toTrunk).sdp).toContain('a=maxptime:60\r\n');
  });

  test('is refused where the gateway would refuse it', () => {
    expect(() => rewriteOffer(sipp, toTrunk)).toThrow(expect.objectContaining({ status: 488 }));
    expect(() => rewriteOffer(chromium, toBrowser)).toThrow(expect.objectContaining({ status: 488 }));
    expect(() => rewriteOffer('', toTrunk)).toThrow(expect.objectContaining({ status: 400 }));
    expect(() => rewriteAnswer(sipp.replace('AVP 0', 'AVP 18'), { ...toBrowser, offer: chromium })).toThrow(
      expect.objectContaining({ status: 488 }),
    );
  });
});

function account(before: string, { sdp, explanation }: Rewritten): void {
  const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== '');
  expect(explanation.filter(({ action }) => action !== 'added').map(({ line, was }) => was ?? line)).toEqual(lines(before));
  const made = explanation.filter(({ action }) => action !== 'removed').map(({ line }) => line);
  expect(made.toSorted()).toEqual(lines(sdp).toSorted());
}

describe('the explanation', () => {
  const { explanation } = rewriteOffer(chromium, toTrunk);
  const about = (line: string): Explanation | undefined => explanation.find((entry) => entry.line === line || entry.was === line);

  test.each(sdpFixtures)('accounts for every line of both descriptions once: $name', ({ gateway, outbound, inbound }) => {
    if (outbound) {
      account(outbound.offer, rewriteOffer(outbound.offer, { ...gateway, to: 'trunk' }));
      account(outbound.answer, rewriteAnswer(outbound.answer, { ...gateway, to: 'browser', offer: outbound.offer }));
    }
    if (inbound) {
      account(inbound.offer, rewriteOffer(inbound.offer, { ...gateway, to: 'browser' }));
      account(inbound.answer, rewriteAnswer(inbound.answer, { ...gateway, to: 'trunk', offer: inbound.offer }));
    }
  });

  test('says why', () => {
    expect(about('a=ice-ufrag:mYi9')).toEqual({
      action: 'removed',
      line: 'a=ice-ufrag:mYi9',
      was: null,
      why: expect.stringContaining('RFC 8839'),
    });
    expect(about('a=rtpmap:13 CN/8000')?.why).toContain('comfort noise');
    expect(about('a=rtpmap:111 opus/48000/2')?.why).toContain('not among the codecs');
    expect(about('a=rtpmap:126 telephone-event/8000')).toMatchObject({ action: 'changed', line: 'a=rtpmap:101 telephone-event/8000' });
    expect(about('a=sendrecv')).toEqual({ action: 'kept', line: 'a=sendrecv', was: null, why: '' });
    for (const { action, line, why } of explanation) expect(why === '', line).toBe(action === 'kept');
  });

  test('covers lines nobody knows', () => {
    const odd = rewriteOffer(chromium.replace('a=sendrecv', 'a=sendrecv\r\na=__proto__:x\r\nb=AS:64'), toTrunk).explanation;
    expect(odd.find(({ line }) => line === 'a=__proto__:x')).toMatchObject({ action: 'removed', why: 'means nothing to the other side' });
    expect(odd.find(({ line }) => line === 'b=AS:64')?.why).toContain('bandwidth');
  });

  test('of other media is short', () => {
    const { explanation: both } = rewriteOffer(captured('chromium-offer-audio-data'), toTrunk);
    expect(both.find(({ line }) => line.startsWith('m=application'))?.why).toBe('one audio stream is passed on, nothing else');
  });
});
