import { describe, expect, test } from 'vitest';
import { called, calling, description, g711, trunk } from './trunk-legs.ts';

describe('hold', () => {
  test.each([
    ['sendrecv', 'sendrecv', 'sendrecv'],
    ['sendonly', 'sendrecv', 'recvonly'],
    ['recvonly', 'sendrecv', 'sendonly'],
    ['inactive', 'sendrecv', 'inactive'],
    ['sendonly', 'sendonly', 'inactive'],
    ['sendrecv', 'recvonly', 'recvonly'],
  ] as const)('offered %s, wished %s, answered %s', (offered, wished, answered) => {
    const leg = called();
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 0', `a=${offered}`], 2));
    expect(leg.createAnswer(g711, wished)).toContain(`a=${answered}\r\n`);
    expect(leg.agreed?.direction).toBe(answered);
  });

  test.each([
    ['0.0.0.0', 'sendrecv', 'sendonly'],
    ['0.0.0.0', 'sendonly', 'sendonly'],
    ['0.0.0.0', 'recvonly', 'inactive'],
  ])('the old way: c=%s and %s count as %s', (host, said, meant) => {
    const offer = trunk().receiveOffer(description(['m=audio 4000 RTP/AVP 0', `a=${said}`], 1, host));
    expect(offer).toMatchObject({ direction: meant, rtp: null, rtcp: null });
  });

  test('the old way over IPv6', () => {
    expect(trunk().receiveOffer(description(undefined, 1, '::'))).toMatchObject({ direction: 'sendonly', rtp: null });
  });

  test('a c= line of the section alone holds it', () => {
    expect(trunk().receiveOffer(description(['m=audio 4000 RTP/AVP 0', 'c=IN IP4 0.0.0.0'])).direction).toBe('sendonly');
  });

  test('c=0.0.0.0 with ICE is none', () => {
    const offer = trunk().receiveOffer(description(['m=audio 9 RTP/AVP 0', 'a=ice-ufrag:abcd'], 1, '0.0.0.0'));
    expect(offer).toMatchObject({ direction: 'sendrecv', rtp: null });
  });

  test('and resume', () => {
    const leg = called();
    leg.receiveOffer(description(['m=audio 4000 RTP/AVP 0'], 2, '0.0.0.0'));
    expect(leg.createAnswer(g711, 'sendrecv')).toContain('a=recvonly\r\n');
    expect(leg.receiveOffer(description(['m=audio 4000 RTP/AVP 0'], 3))).toMatchObject({
      direction: 'sendrecv',
      rtp: { port: 4000 },
    });
    expect(leg.createAnswer(g711, 'sendrecv')).toContain('a=sendrecv\r\n');
  });
});

describe('the version in o=', () => {
  const version = (sdp: string | null): string | undefined => sdp?.match(/^o=- \d+ (\d+)/m)?.[1];

  test('rises when the content changes, and only then', () => {
    const leg = called();
    expect(version(leg.localDescription)).toBe('1');
    const before = leg.localDescription;
    leg.receiveOffer(description());
    expect(leg.createAnswer(g711, 'sendrecv')).toBe(before);
    leg.receiveOffer(description(undefined, 2));
    expect(version(leg.createAnswer(g711, 'sendonly'))).toBe('2');
    leg.receiveOffer(description(undefined, 3));
    expect(version(leg.createAnswer(g711, 'sendrecv'))).toBe('3');
    expect(version(leg.createOffer(g711, 'sendrecv'))).toBe('3');
  });

  test('of a refused offer is not used for another content', () => {
    const leg = calling();
    const before = leg.localDescription;
    expect(version(leg.createOffer(g711, 'inactive'))).toBe('2');
    leg.rejectOffer();
    expect(leg.localDescription).toBe(before);
    expect(leg.agreed?.direction).toBe('sendrecv');
    expect(version(leg.createOffer(g711, 'sendonly'))).toBe('3');
  });
});
