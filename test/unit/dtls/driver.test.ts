import { describe, expect, test } from 'vitest';
import { type DriverLoaders, dtlsDriver } from '../../../src/dtls/driver.ts';
import type { DtlsDriver } from '../../../src/dtls/endpoint.ts';

const stub = (name: DtlsDriver['name']): DtlsDriver => ({
  name,
  pending: 0,
  create: () => {
    throw new Error('not to be used');
  },
});
const working: DriverLoaders = { openssl: async () => stub('openssl'), werift: async () => stub('werift') };
const withoutFfi: DriverLoaders = { ...working, openssl: () => Promise.reject(new Error('no FFI here')) };

describe('the DTLS driver', () => {
  test('is OpenSSL here, in Node’s own process', async () => {
    const { driver, reason } = await dtlsDriver('auto');
    expect(driver.name).toBe('openssl');
    expect(reason).toBe('OpenSSL inside Node passed its self-test');
  });

  test('is werift where OpenSSL does not work, and says why', async () => {
    const { driver, reason } = await dtlsDriver('auto', withoutFfi);
    expect(driver.name).toBe('werift');
    expect(reason).toBe('OpenSSL inside Node cannot be used: no FFI here');
  });

  test('is the one that was asked for, or none', async () => {
    expect((await dtlsDriver('werift', working)).driver.name).toBe('werift');
    await expect(dtlsDriver('openssl', withoutFfi)).rejects.toThrow('no FFI here');
  });
});
