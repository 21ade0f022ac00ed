/** What each driver does when the disk is full. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../src/store/open-database.ts';
import { StoreError } from '../../../src/store/store.ts';
import { DatabaseWriter } from '../../../src/store/writer.ts';
import { drivers, freshPath } from '../../support/stores.ts';

describe.each(drivers)('a full disk under $name', (driver) => {
  function setUp() {
    const database = openDatabase(driver, freshPath(), ['CREATE TABLE words (word TEXT)']);
    onTestFinished(() => database.close());
    const writer = new DatabaseWriter(database);
    const batch = Array.from({ length: 50 }, () => ({ sql: 'INSERT INTO words VALUES (?)', values: ['x'.repeat(2000)] }));
    const count = () => writer.query({ sql: 'SELECT count(*) AS words FROM words', values: [] })[0]?.['words'];
    return { database, writer, batch, count };
  }

  test('a transaction that finds no room has written nothing, and works when there is room again', () => {
    const { database, writer, batch, count } = setUp();
    database.exec('PRAGMA max_page_count = 8');
    expect(() => writer.write(batch)).toThrow(StoreError);
    expect(() => writer.commit(batch)).toThrow(/full/);
    expect(count()).toBe(0);
    database.exec('PRAGMA max_page_count = 100000');
    expect(writer.write(batch)).toBe(0);
    writer.commit(batch);
    expect(count()).toBe(100);
  });

  test('so does one that another program holds up', () => {
    const path = freshPath();
    const [mine, theirs] = [1, 2].map(() => openDatabase(driver, path, ['CREATE TABLE words (word TEXT)']));
    onTestFinished(() => {
      mine?.close();
      theirs?.close();
    });
    if (!mine || !theirs) throw new Error('not open');
    mine.exec('PRAGMA busy_timeout = 50');
    theirs.exec('BEGIN IMMEDIATE');
    const writer = new DatabaseWriter(mine);
    expect(() => writer.write([{ sql: 'INSERT INTO words VALUES (1)', values: [] }])).toThrow(/locked/);
    expect(writer.query({ sql: 'SELECT * FROM words', values: [] })).toEqual([]);
    theirs.exec('ROLLBACK');
    expect(writer.write([{ sql: 'INSERT INTO words VALUES (1)', values: [] }])).toBe(0);
  });
});
