import { describe, expect, test } from 'vitest';
import { isOriginAllowed } from '../../../../src/sip/transport/origin.ts';

const listed = new Set(['https://app.example.com', 'http://localhost:3000']);

function allowed(origin: string | undefined, more: { host?: string; secure?: boolean; list?: Iterable<string> } = {}): boolean {
  return isOriginAllowed({ origin, host: more.host ?? 'gw.example.net:8443', secure: more.secure ?? true }, new Set(more.list ?? listed));
}

describe('the gateway’s own origin always passes', () => {
  test.each([
    ['https://gw.example.net:8443', 'gw.example.net:8443', true],
    ['https://gw.example.net', 'gw.example.net:443', true],
    ['https://gw.example.net', 'GW.Example.NET', true],
    ['http://127.0.0.1:8080', '127.0.0.1:8080', false],
    ['http://[::1]:8080', '[::1]:8080', false],
    ['http://gw.example.net', 'gw.example.net:80', false],
  ])('%s at %s', (origin, host, secure) => {
    expect(allowed(origin, { host, secure, list: [] })).toBe(true);
  });

  test.each([
    ['http://gw.example.net:8443', 'gw.example.net:8443', true],
    ['https://gw.example.net:8443', 'gw.example.net:8443', false],
    ['https://gw.example.net', 'gw.example.net:8443', true],
    ['https://gw.example.net:8443', 'gw.example.net', true],
    ['https://gw.example.net', 'user@gw.example.net', true],
    ['https://gw.example.net', 'gw.example.net/x', true],
    ['https://gw.example.net', '', true],
  ])('%s at %s does not', (origin, host, secure) => {
    expect(allowed(origin, { host, secure, list: [] })).toBe(false);
  });
});

describe('other origins', () => {
  test.each(['https://app.example.com', 'http://localhost:3000'])('%s is on the list', (origin) => {
    expect(allowed(origin)).toBe(true);
  });

  test.each([
    'https://app.example.com.evil.example',
    'https://evil-app.example.com',
    'https://app.example.com:444',
    'https://app.example.com@evil.example',
    'https://app.example.com/',
    'http://app.example.com',
    'https://example.com',
    'null',
    'none',
    '*',
    '',
    'https://app.example.com, https://evil.example',
  ])('%s is not', (origin) => {
    expect(allowed(origin)).toBe(false);
  });

  test('a missing origin needs "none", whatever else is listed', () => {
    expect(allowed(undefined)).toBe(false);
    expect(allowed(undefined, { list: ['*'] })).toBe(false);
    expect(allowed(undefined, { list: ['none'] })).toBe(true);
    expect(allowed('none', { list: ['none'] })).toBe(false);
  });

  test('"*" takes any page', () => {
    expect(allowed('https://anything.example', { list: ['*'] })).toBe(true);
    expect(allowed('null', { list: ['*'] })).toBe(true);
  });
});
