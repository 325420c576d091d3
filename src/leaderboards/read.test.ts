import { describe, expect, it } from 'vitest';

import type { Bulkhead } from '../bulkhead.ts';
import type { Database, Queries } from '../db/index.ts';
import { unavailable } from '../errors.ts';
import { Coalescer } from './coalesce.ts';
import { type Leaderboards, type Read, readNewest, readRecent } from './read.ts';

/** Servers that the query below tells apart; no statement reaches them. */
const primary = { store: 'postgres' } as Database;
const replica = {} as Queries;

const read: Read<string> = {
  key: 'which',
  query: async (db) => await Promise.resolve(db === replica ? 'replica' : 'primary'),
  isFound: () => true,
};

const unbounded: Bulkhead = async (work) => await work();
const full: Bulkhead = async () => await Promise.reject(unavailable('full'));

function createReads(bulkhead: Bulkhead): Coalescer {
  return new Coalescer(bulkhead, 60_000);
}

function leaderboards({ used = true, line = unbounded } = {}): Leaderboards {
  const source = {
    isUsed: () => used,
    read: async <Result>(query: (db: Queries) => Promise<Result>) => await query(replica),
    close: async () => await Promise.resolve(),
  };
  const replicated = { source, reads: createReads(line) };
  return { db: primary, reads: createReads(unbounded), rankings: undefined, replica: replicated };
}

describe('what may be 2 s old', () => {
  it('is read on the replica', async () => {
    expect(await readRecent(leaderboards(), read)).toBe('replica');
  });

  it.each([
    ['there is no replica', { ...leaderboards(), replica: undefined }],
    ['the replica is not used', leaderboards({ used: false })],
    ['too many reads wait for the replica', leaderboards({ line: full })],
  ])('is read on the primary when %s', async (_, source) => {
    expect(await readRecent(source, read)).toBe('primary');
  });

  it('is read on the primary when the replica does not find it', async () => {
    const isFound = (found: string) => found === 'primary';
    expect(await readRecent(leaderboards(), { ...read, isFound })).toBe('primary');
  });
});

it('what must be newest is read on the primary', async () => {
  expect(await readNewest(leaderboards(), read)).toBe('primary');
});
