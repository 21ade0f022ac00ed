import { describe, expect, test } from 'vitest';
import type { SocketAddress } from '../../../src/base/address.ts';
import { silentLog } from '../../../src/base/log.ts';
import { seededRandom } from '../../../src/base/random.ts';
import type { SipUri } from '../../../src/sip/message/uri.ts';
import type { TrunkOptions } from '../../../src/trunk/trunk.ts';
import { Trunks, type TrunksOut } from '../../../src/trunk/trunks.ts';
import { FakeAgent, response, trunkOptions } from './fakes.ts';

const quiet = { ...trunkOptions, register: false, pingSec: 0 };

class Harness extends FakeAgent implements TrunksOut {
  readonly zone = new Map<string, SocketAddress[]>([['gw.example.com', [{ host: '192.0.2.1', port: 5070 }]]]);
  readonly trunks: Trunks;
  /** Trunks with calls. */
  readonly calling = new Set<string>();

  constructor(trunks: readonly TrunkOptions[]) {
    super();
    this.trunks = new Trunks({ trunks, clock: { now: () => this.now }, random: seededRandom(1), log: silentLog }, this);
  }

  async resolve(uri: SipUri): Promise<readonly SocketAddress[]> {
    const addresses = this.zone.get(uri.host);
    if (!addresses) throw new Error(`${uri.host} does not resolve`);
    return addresses;
  }

  ownHost(trunkHost: string): string {
    return `own-for-${trunkHost}`;
  }

  stateChanged(trunk: string, state: string, detail: string): void {
    this.notes.push(`${trunk} ${state} ${detail}`);
  }

  isEnabled(): boolean {
    return true;
  }

  hasCalls(trunk: string): boolean {
    return this.calling.has(trunk);
  }

  async elapse(ms: number): Promise<void> {
    this.now += ms;
    this.trunks.expire(this.now);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('sources', () => {
  test('are what the target resolves to, kept current', async () => {
    const harness = new Harness([quiet]);
    const { trunks } = harness;
    expect(trunks.admits('192.0.2.1')).toBe(false);
    await trunks.start();
    expect(trunks.admits('192.0.2.1')).toBe(true);
    expect(trunks.bySource({ host: '192.0.2.1', port: 40000 })?.name).toBe('carrier');
    expect(trunks.byName('carrier')?.localHost).toBe('own-for-192.0.2.1');
    harness.zone.set('gw.example.com', [{ host: '192.0.2.2', port: 5070 }]);
    await harness.elapse(60_000);
    expect([trunks.admits('192.0.2.1'), trunks.admits('192.0.2.2')]).toEqual([false, true]);
  });

  test('stay while the target does not resolve, which is tried again soon', async () => {
    const harness = new Harness([quiet]);
    await harness.trunks.start();
    harness.zone.clear();
    await harness.elapse(60_000);
    expect(harness.trunks.admits('192.0.2.1')).toBe(true);
    expect(harness.trunks.deadline - harness.now).toBe(5000);
    harness.zone.set('gw.example.com', [{ host: '192.0.2.3', port: 5070 }]);
    await harness.elapse(5000);
    expect(harness.trunks.admits('192.0.2.3')).toBe(true);
  });

  test('of the configuration replace the target', async () => {
    const harness = new Harness([{ ...quiet, sources: ['198.51.100.0/24'] }]);
    await harness.trunks.start();
    expect([harness.trunks.admits('198.51.100.77'), harness.trunks.admits('192.0.2.1')]).toEqual([true, false]);
  });

  test('two trunks at one host are told apart by the port of their targets', async () => {
    const other = { ...quiet, name: 'other', target: 'sip:192.0.2.1:5080' };
    const harness = new Harness([quiet, other]);
    harness.zone.set('192.0.2.1', [{ host: '192.0.2.1', port: 5080 }]);
    await harness.trunks.start();
    const at = (port: number) => harness.trunks.bySource({ host: '192.0.2.1', port })?.name;
    expect([at(5070), at(5080), at(33333)]).toEqual(['carrier', 'other', 'carrier']);
    expect(harness.trunks.bySource({ host: '192.0.2.9', port: 5070 })).toBeUndefined();
  });
});

describe('replacing', () => {
  const there: SocketAddress = { host: '192.0.2.9', port: 5060 };
  const other: TrunkOptions = { ...quiet, name: 'other', target: 'sip:192.0.2.9' };

  test('leaves a trunk alone that stays as it was, and looks a new one up', async () => {
    const harness = new Harness([quiet]);
    harness.zone.set('192.0.2.9', [there]);
    await harness.trunks.start();
    const before = harness.trunks.byName('carrier');
    await harness.trunks.replace([{ ...quiet }, other]);
    expect(harness.trunks.byName('carrier')).toBe(before);
    expect(harness.trunks.bySource(there)?.name).toBe('other');
  });

  test('takes nothing any more from a trunk that is gone, but what belongs to its calls', async () => {
    const harness = new Harness([quiet, other]);
    harness.zone.set('192.0.2.9', [there]);
    await harness.trunks.start();
    harness.calling.add('other');
    await harness.trunks.replace([quiet]);
    expect([harness.trunks.admits('192.0.2.9'), harness.trunks.bySource(there), harness.trunks.byName('other')]).toEqual([
      true,
      undefined,
      undefined,
    ]);
    harness.calling.clear();
    expect(harness.trunks.admits('192.0.2.9')).toBe(false);
  });

  test('ends the registration of a trunk that is gone, and of a changed one before the new one begins', async () => {
    const harness = new Harness([{ ...trunkOptions, pingSec: 0 }]);
    await harness.trunks.start();
    harness.answer(response(200, 'Contact: <sip:gw%20user@192.0.2.200>;expires=600'));
    expect(harness.trunks.standings()).toEqual([{ name: 'carrier', available: true, registered: true }]);
    const replaced = harness.trunks.replace([{ ...trunkOptions, pingSec: 0, registerExpiresSec: 900 }]);
    const expiry = () => harness.requests.map(({ headers }) => [...headers].find(([name]) => name === 'Expires')?.[1]);
    expect(expiry()).toEqual(['600', '0']);
    harness.answer(response(200));
    await replaced;
    expect(expiry()).toEqual(['600', '0', '900']);
    expect(harness.trunks.standings()).toEqual([{ name: 'carrier', available: true, registered: false }]);
  });
});

describe('upkeep', () => {
  test('registers and pings as configured, and tells what comes of it', async () => {
    const harness = new Harness([trunkOptions, { ...quiet, name: 'quiet' }]);
    await harness.trunks.start();
    expect(harness.requests.map(({ method }) => method)).toEqual(['REGISTER', 'OPTIONS']);
    harness.answer('timeout');
    expect(harness.notes).toEqual(['carrier down timeout']);
    expect(harness.trunks.byName('carrier')?.available).toBe(false);
  });

  test('stop removes registrations and leaves no deadline', async () => {
    const harness = new Harness([{ ...trunkOptions, pingSec: 0 }]);
    await harness.trunks.start();
    harness.answer(response(200));
    expect(harness.notes).toEqual(['carrier registered for 600 s']);
    const stopping = harness.trunks.stop();
    expect(harness.header('Expires')).toBe('0');
    harness.answer(response(200));
    await stopping;
    expect(harness.trunks.deadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('without trunks there is nothing to do', async () => {
    const { trunks } = new Harness([]);
    await trunks.start();
    await trunks.stop();
    expect(trunks.deadline).toBe(Number.POSITIVE_INFINITY);
    expect(trunks.admits('192.0.2.1')).toBe(false);
  });
});

describe('a target whose lookup hangs', () => {
  class HalfDead extends Harness {
    release = (): void => {};

    override resolve(uri: SipUri): Promise<readonly SocketAddress[]> {
      if (uri.host !== 'dead.example.com') return super.resolve(uri);
      return new Promise((_resolve, reject) => {
        this.release = () => reject(new Error('no answer'));
      });
    }
  }

  const dead = { ...trunkOptions, name: 'dead', target: 'sip:dead.example.com', pingSec: 0 };
  const settled = () => new Promise((resolve) => setImmediate(resolve));

  test('keeps no other trunk from registering', async () => {
    const harness = new HalfDead([dead, { ...trunkOptions, pingSec: 0 }]);
    const started = harness.trunks.start();
    await settled();
    expect(harness.requests.map(({ uri }) => uri.host)).toEqual(['gw.example.com']);
    harness.release();
    await started;
    expect(harness.requests).toHaveLength(2);
  });

  test('is not asked any more when its lookup ends after the stop', async () => {
    const harness = new HalfDead([dead]);
    const started = harness.trunks.start();
    await harness.trunks.stop();
    harness.release();
    await started;
    expect(harness.requests).toEqual([]);
  });
});
