import { existsSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { rewriteAnswer, rewriteOffer } from '../../../src/sdp/rewrite.ts';
import { sdpFixtures } from '../../support/sdp-fixtures.ts';
import { browserViolations, trunkViolations } from '../../support/sdp-rules.ts';

const outbound = sdpFixtures.flatMap(({ name, gateway, outbound: exchange }) => (exchange ? [{ name, gateway, exchange }] : []));
const inbound = sdpFixtures.flatMap(({ name, gateway, inbound: exchange }) => (exchange ? [{ name, gateway, exchange }] : []));

test.each(sdpFixtures)('$name says where it comes from', ({ name, outbound: one, inbound: other }) => {
  expect(existsSync(new URL(`../../../sdp-fixtures/${name}/notes.md`, import.meta.url))).toBe(true);
  expect(one ?? other).not.toBeNull();
});

describe.each(outbound)('$name: the browser calls', ({ gateway, exchange }) => {
  const { offer, expectedOffer, answer, expectedAnswer } = exchange;

  test('its offer becomes the offer to the trunk', () => {
    expect(rewriteOffer(offer, { ...gateway, to: 'trunk' }).sdp).toBe(expectedOffer);
    expect(trunkViolations(expectedOffer, { kind: 'offer' })).toEqual([]);
  });

  test("the trunk's answer becomes the answer to it", () => {
    expect(rewriteAnswer(answer, { ...gateway, to: 'browser', offer }).sdp).toBe(expectedAnswer);
    expect(browserViolations(expectedAnswer, { kind: 'answer', offer })).toEqual([]);
  });
});

describe.each(inbound)('$name: the trunk calls', ({ gateway, exchange }) => {
  const { offer, expectedOffer, answer, expectedAnswer } = exchange;

  test('its offer becomes the offer to the browser', () => {
    expect(rewriteOffer(offer, { ...gateway, to: 'browser' }).sdp).toBe(expectedOffer);
    expect(browserViolations(expectedOffer, { kind: 'offer' })).toEqual([]);
  });

  test("the browser's answer becomes the answer to it", () => {
    expect(rewriteAnswer(answer, { ...gateway, to: 'trunk', offer }).sdp).toBe(expectedAnswer);
    expect(trunkViolations(expectedAnswer, { kind: 'answer', offer })).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const { offer, expectedOffer, expectedAnswer } = outbound.find(({ name }) => name === 'chromium-156-video')?.exchange ?? {
    offer: '',
    expectedOffer: '',
    expectedAnswer: '',
  };

  test.each([
    ['a=sendrecv', 'a=sendrecv\r\na=mid:0'],
    ['a=sendrecv\r\n', ''],
    ['RTP/AVP 0 8 101', 'RTP/AVP 0 8 13 101'],
    ['m=audio 30000', 'm=audio 30001'],
    ['198.51.100.5\r\nt=', 'secret.local\r\nt='],
    ['v=0\r\n', 'v=0\n'],
    ['a=rtpmap:8 PCMA/8000\r\n', ''],
    ['a=rtpmap:101 telephone-event/8000', 'a=rtpmap:101 telephone-event/48000'],
    ['t=0 0\r\n', `t=0 0\r\n${'a=x\r\n'.repeat(200)}`],
  ])('towards a trunk, %j may not be %j', (from, to) => {
    expect(trunkViolations(expectedOffer.replace(from, to), { kind: 'offer' })).not.toEqual([]);
  });

  test.each([
    ['a=ice-lite\r\n', ''],
    ['a=group:BUNDLE 0', 'a=group:BUNDLE 0 1'],
    ['a=group:BUNDLE 0\r\n', ''],
    ['a=setup:passive', 'a=setup:actpass'],
    ['a=setup:passive', 'a=setup:active'],
    ['a=rtcp-mux\r\n', ''],
    ['a=mid:1', 'a=mid:2'],
    ['a=mid:1\r\n', ''],
    ['a=inactive', 'a=bundle-only'],
    ['m=video 0', 'm=video 9'],
    ['m=audio 40000 UDP/TLS/RTP/SAVPF', 'm=audio 40000 RTP/SAVPF'],
    ['SAVPF 8 126', 'SAVPF 8 13 126'],
    ['126 telephone-event/8000', '126 telephone-event/48000'],
    ['a=end-of-candidates', 'a=rtcp-rsize'],
    ['00:01:02', '00:01'],
    ['a=ssrc:1000000007 cname:offhook-example\r\n', ''],
  ])('towards a browser, %j may not be %j', (from, to) => {
    expect(browserViolations(expectedAnswer.replace(from, to), { kind: 'answer', offer })).not.toEqual([]);
  });
});
