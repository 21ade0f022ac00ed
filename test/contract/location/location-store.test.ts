import { describe, expect, test } from 'vitest';
import { type Binding, forkTargets, type LocationStore } from '../../../src/location/location-store.ts';
import { MemoryLocationStore } from '../../../src/location/memory.ts';

const stores: ReadonlyArray<readonly [string, () => LocationStore]> = [['memory', () => new MemoryLocationStore()]];

function binding(fields: Partial<Binding> = {}): Binding {
  return {
    user: 'alice',
    key: 'sip:a@x.invalid',
    contactUri: 'sip:a@x.invalid',
    flowId: 'flow-1',
    remote: { host: '192.0.2.1', port: 4000 },
    instanceId: null,
    regId: null,
    path: [],
    expiresAt: 1000,
    userAgent: null,
    callId: 'c',
    cseq: 1,
    gruu: null,
    ...fields,
  };
}

describe.each(stores)('a location store: %s', (_name, create) => {
  test('is empty at first', () => {
    const store = create();
    expect([store.bindingsOf('alice'), store.byFlow('flow-1'), store.byInstance('alice', 'i'), [...store.all()]]).toEqual([[], [], [], []]);
    expect([store.size, store.deadline, store.countFrom('192.0.2.1'), store.takeExpired(1e9)]).toEqual([0, Infinity, 0, undefined]);
  });

  test('finds bindings by user, the latest first', () => {
    const store = create();
    const [first, second, other] = [binding(), binding({ key: 'b' }), binding({ user: 'bob' })];
    for (const each of [first, second, other]) store.save(each);
    expect(store.bindingsOf('alice')).toEqual([second, first]);
    store.save(first);
    expect(store.bindingsOf('alice')).toEqual([first, second]);
    expect([...store.all()]).toHaveLength(3);
  });

  test('finds bindings by instance of one user', () => {
    const store = create();
    const mine = [binding({ key: 'i;1', instanceId: 'i', regId: 1 }), binding({ key: 'i;2', instanceId: 'i', regId: 2 })];
    for (const each of [...mine, binding(), binding({ user: 'bob', instanceId: 'i' })]) store.save(each);
    expect(store.byInstance('alice', 'i')).toEqual(mine.reverse());
  });

  test('finds bindings by connection', () => {
    const store = create();
    const [a, b] = [binding(), binding({ user: 'bob' })];
    for (const each of [a, b, binding({ key: 'b', flowId: 'flow-2' }), binding({ key: 'c', flowId: null })]) store.save(each);
    expect(store.byFlow('flow-1')).toEqual([a, b]);
  });

  test('replaces the binding of the same user and key, in every respect', () => {
    const store = create();
    store.save(binding());
    const next = binding({ flowId: 'flow-2', remote: { host: '192.0.2.2', port: 1 }, expiresAt: 5000 });
    store.save(next);
    expect([store.size, store.bindingsOf('alice'), store.byFlow('flow-1'), store.byFlow('flow-2')]).toEqual([1, [next], [], [next]]);
    expect([store.countFrom('192.0.2.1'), store.countFrom('192.0.2.2')]).toEqual([0, 1]);
    expect(store.takeExpired(4999)).toBeUndefined();
  });

  test('removes, also what is not there, and by a copy', () => {
    const store = create();
    store.save(binding());
    store.remove({ ...binding(), cseq: 7 });
    store.remove(binding());
    store.remove(binding({ user: 'nobody' }));
    expect([store.size, store.bindingsOf('alice'), store.byFlow('flow-1'), store.deadline]).toEqual([0, [], [], Infinity]);
  });

  test('counts those of a host that have a connection', () => {
    const store = create();
    store.save(binding());
    store.save(binding({ key: 'b' }));
    store.save(binding({ key: 'c', flowId: null }));
    expect(store.countFrom('192.0.2.1')).toBe(2);
  });

  test('gives out what has expired, once, the earliest first', () => {
    const store = create();
    const [early, late] = [binding({ key: 'a', expiresAt: 100 }), binding({ key: 'b', expiresAt: 200 })];
    store.save(late);
    store.save(early);
    expect(store.deadline).toBe(100);
    expect(store.takeExpired(99)).toBeUndefined();
    expect([store.takeExpired(300), store.takeExpired(300), store.takeExpired(300)]).toEqual([early, late, undefined]);
    expect([store.size, store.deadline]).toEqual([0, Infinity]);
  });

  test('is not confused by names of object properties', () => {
    const store = create();
    store.save(binding({ user: '__proto__', key: 'constructor', flowId: '__proto__' }));
    expect([store.bindingsOf('__proto__').length, store.bindingsOf('constructor').length, store.byFlow('toString').length]).toEqual([
      1, 0, 0,
    ]);
  });
});

test('a request is forked to each browser once, and to no lost connection', () => {
  const bindings = [
    binding({ key: 'i;2', instanceId: 'i', regId: 2, flowId: null }),
    binding({ key: 'i;1', instanceId: 'i', regId: 1 }),
    binding({ key: 'i;3', instanceId: 'i', regId: 3 }),
    binding({ key: 'a' }),
    binding({ key: 'b' }),
    binding({ key: 'c', flowId: null }),
  ];
  expect(forkTargets(bindings).map(({ key }) => key)).toEqual(['i;1', 'a', 'b']);
});
