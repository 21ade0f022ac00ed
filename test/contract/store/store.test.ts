/** What the layers above rely on, whichever driver has the file, on whichever thread. The thread runs from dist/. */

import { statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { type Store, StoreError } from '../../../src/store/store.ts';
import { drivers, freshPath, type StoreKind, storeKinds } from '../../support/stores.ts';
import { until } from '../../support/until.ts';

const words = ['CREATE TABLE words (id INTEGER PRIMARY KEY, word TEXT NOT NULL UNIQUE, weight REAL)'];

async function opened(kind: StoreKind, path = freshPath(), migrations: readonly string[] = words): Promise<Store> {
  const store = await kind.open(path, migrations);
  onTestFinished(() => store.close());
  return store;
}

function say(store: Store, word: string | null, weight: number | null = null): void {
  store.write({ sql: 'INSERT INTO words (word, weight) VALUES (?, ?)', values: [word, weight] });
}

async function wordsIn(store: Store): Promise<unknown[]> {
  return (await store.query({ sql: 'SELECT word FROM words ORDER BY id', values: [] })).map((row) => row['word']);
}

describe.each(storeKinds)('a store: $name', (kind) => {
  test('a question sees what was written before it', async () => {
    const store = await opened(kind);
    for (const word of ['one', 'two', 'three']) say(store, word);
    expect(await wordsIn(store)).toEqual(['one', 'two', 'three']);
    expect(store.lost).toBe(0);
  });

  test('values come back as they went in', async () => {
    const store = await opened(kind);
    const hostile = [`'; DROP TABLE words; --`, '"quoted"', '\u{1f4de} ünï', '%_\\', 'x'.repeat(1_000_000), '', '__proto__'];
    for (const word of hostile) say(store, word, 1.5);
    expect(await wordsIn(store)).toEqual(hostile);
    const [row] = await store.query({ sql: 'SELECT ? AS big, ? AS small, ? AS none', values: [1_763_722_800_123, -0.25, null] });
    expect({ ...row }).toEqual({ big: 1_763_722_800_123, small: -0.25, none: null });
  });

  test('NUL becomes a character that text can hold', async () => {
    const store = await opened(kind);
    say(store, 'a\0b');
    expect(await wordsIn(store)).toEqual(['a\ufffdb']);
  });

  test('a statement that breaks a rule is lost alone', async () => {
    const store = await opened(kind);
    say(store, 'one');
    say(store, 'one');
    say(store, null);
    say(store, 'two', Number.NaN);
    say(store, 'three');
    expect(await wordsIn(store)).toEqual(['one', 'three']);
    expect(store.lost).toBe(3);
  });

  test('what is no value at all is refused, not passed to the driver', async () => {
    const store = await opened(kind);
    say(store, true as unknown as string);
    say(store, undefined as unknown as string);
    say(store, {} as unknown as string);
    expect(await wordsIn(store)).toEqual([]);
    expect(store.lost).toBe(3);
  });

  test('a commit is all or nothing', async () => {
    const store = await opened(kind);
    const insert = (word: string) => ({ sql: 'INSERT INTO words (word) VALUES (?)', values: [word] });
    await store.commit([insert('one'), insert('two')]);
    await expect(store.commit([insert('three'), insert('one')])).rejects.toThrow(/UNIQUE/);
    expect(await wordsIn(store)).toEqual(['one', 'two']);
  });

  test('a question that is none rejects', async () => {
    const store = await opened(kind);
    await expect(store.query({ sql: 'SELECT word FROM nowhere', values: [] })).rejects.toThrow(/nowhere/);
    say(store, 'one');
    expect(await wordsIn(store)).toEqual(['one']);
  });

  test('closing writes what waits, twice is once, and then nothing more', async () => {
    const path = freshPath();
    const store = await kind.open(path, words);
    for (let count = 0; count < 2000; count += 1) say(store, `word ${count}`);
    await Promise.all([store.close(), store.close()]);
    expect(store.lost).toBe(0);
    say(store, 'late');
    expect(store.lost).toBe(1);
    await expect(store.query({ sql: 'SELECT 1', values: [] })).rejects.toThrow('closed');
    await expect(store.commit([])).rejects.toThrow('closed');
    if (kind.persistent) expect(await wordsIn(await opened(kind, path))).toHaveLength(2000);
  });
});

describe.each(storeKinds.filter(({ persistent }) => persistent))('a file: $name', (kind) => {
  test('has what was written soon, without a question', async () => {
    const path = freshPath();
    const store = await opened(kind, path);
    const reader = await opened(kind, path);
    say(store, 'one');
    await until('the word', async () => (await wordsIn(reader)).length === 1);
  });

  test('is for the eyes of its owner', async () => {
    const path = freshPath();
    await opened(kind, path);
    expect(statSync(path).mode & 0o077).toBe(0);
  });

  test('is brought up to date, step by step, and keeps what is in it', async () => {
    const path = freshPath();
    const first = await kind.open(path, words);
    say(first, 'one');
    await first.close();
    const second = await opened(kind, path, [...words, "ALTER TABLE words ADD COLUMN language TEXT DEFAULT 'en'", 'CREATE TABLE more (a)']);
    const rows = await second.query({ sql: 'SELECT word, language FROM words', values: [] });
    expect(rows.map((row) => ({ ...row }))).toEqual([{ word: 'one', language: 'en' }]);
  });

  test('a step that fails leaves the file as it was', async () => {
    const path = freshPath();
    await (await kind.open(path, words)).close();
    await expect(kind.open(path, [...words, 'CREATE TABLE more (a); CREATE TABLE more (a)'])).rejects.toThrow(storeErrorMatching(/more/));
    expect(await wordsIn(await opened(kind, path))).toEqual([]);
  });

  test.each([
    ['a newer version', async (path: string) => (await kind.open(path, [...words, 'CREATE TABLE more (a)'])).close(), /newer version/],
    ['no database', async (path: string) => writeFileSync(path, 'these are notes\n'.repeat(500)), /no database/],
    ['a short text', async (path: string) => writeFileSync(path, 'notes'), /no database/],
  ])('of %s stops the start in plain words', async (_name, make, explanation) => {
    const path = freshPath();
    await make(path);
    await expect(kind.open(path, words)).rejects.toThrow(explanation);
  });

  test('of another program is left alone', async () => {
    const path = freshPath();
    const other = drivers[0]?.open(path);
    other?.exec('CREATE TABLE theirs (a)');
    other?.close();
    await expect(kind.open(path, words)).rejects.toThrow(/another program/);
  });

  test('that cannot be says why', async () => {
    const path = freshPath();
    await expect(kind.open(`${path}/x/y.db`, words)).rejects.toThrow(/folder does not exist/);
    await expect(kind.open(dirname(path), words)).rejects.toThrow(/is a folder/);
  });
});

const pairs = drivers.flatMap((writer) => drivers.map((reader) => ({ writer, reader })));

test.each(pairs)('a file of $writer.name is read by $reader.name', ({ writer, reader }) => {
  const path = freshPath();
  const first = openDatabase(writer, path, words);
  first.run({ sql: 'INSERT INTO words (word, weight) VALUES (?, ?)', values: ['ünï', 1.5] });
  first.close();
  const second = openDatabase(reader, path, words);
  onTestFinished(() => second.close());
  expect(second.all({ sql: 'SELECT word, weight FROM words', values: [] }).map((row) => ({ ...row }))).toEqual([
    { word: 'ünï', weight: 1.5 },
  ]);
});

/** Errors that crossed a thread are made anew there. */
function storeErrorMatching(pattern: RegExp) {
  return expect.objectContaining({ name: new StoreError('').name, message: expect.stringMatching(pattern) });
}
