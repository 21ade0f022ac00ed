import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hideKeys } from '../../../src/sdp/redact.ts';

describe('keys and passwords of a description', () => {
  test.each([
    ['a=ice-pwd:asd88fgpdd777uzjYhagZg', 'a=ice-pwd:xxxxxxxxxxxxxxxxxxxxxx'],
    ['a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3|2^20', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 xxxxxxxxxxxxxxxxxxxxxxxxxxxx'],
    ['a=key-mgmt:mikey AQAFgM0X', 'a=key-mgmt:mikey xxxxxxxx'],
    ['k=clear:secret', 'k=xxxxxxxxxxxx'],
    ['A=ICE-PWD:secret', 'A=ICE-PWD:xxxxxx'],
    ['a=crypto:secret', 'a=crypto:xxxxxx'],
    ['a=ice-pwd:', 'a=ice-pwd:'],
  ])('%s', (line, shown) => {
    expect(hideKeys(line)).toBe(shown);
    expect(hideKeys(`v=0\r\n${line}\r\nt=0 0\r\n`)).toBe(`v=0\r\n${shown}\r\nt=0 0\r\n`);
    expect(hideKeys(`v=0\n${line}\nt=0 0`)).toBe(`v=0\n${shown}\nt=0 0`);
  });

  test('what is no secret stays to the last octet', () => {
    const text = 'v=0\r\na=ice-ufrag:8hhY\r\na=fingerprint:sha-256 AB:CD\r\n\r\n--boundary\r\na=rtpmap:0 PCMU/8000\n\r';
    expect(hideKeys(text)).toBe(text);
  });

  test('lengths never change, and a password on any line is never seen', () => {
    const noise = fc.uint8Array().map((bytes) => Buffer.from(bytes).toString('latin1'));
    fc.assert(
      fc.property(noise, noise, (before, after) => {
        const text = `${before}\na=ice-pwd:top-secret\n${after}`;
        const shown = hideKeys(text);
        expect(shown).toHaveLength(text.length);
        expect(shown).not.toContain('top-secret');
      }),
    );
  });
});
