import type { Database, Queries } from '../db/index.ts';
import type { Replica } from '../replica/index.ts';
import type { Coalescer } from './coalesce.ts';
import type { Rankings } from './rankings.ts';

export interface Leaderboards {
  readonly db: Database;
  readonly reads: Coalescer;
  readonly replica: LeaderboardsReplica | undefined;
  /** Asked first. */
  readonly rankings: Rankings | undefined;
}

/** It has connections of its own, so its reads wait in a line of their own. */
interface LeaderboardsReplica {
  readonly source: Replica;
  readonly reads: Coalescer;
}

export interface Read<Result> {
  /** The same for reads that may share a query. */
  readonly key: string;
  readonly query: (db: Queries) => Promise<Result>;
  readonly isFound: (result: Result) => boolean;
}

/** Reads what holds every update acknowledged before the call. */
export async function readNewest<Result>(
  { db, reads }: Pick<Leaderboards, 'db' | 'reads'>,
  { key, query }: Pick<Read<Result>, 'key' | 'query'>,
): Promise<Result> {
  return await reads.read(key, async () => await query(db));
}

/**
 * Reads what holds every update acknowledged 2 s before the call. What a replica does not find may just have been made,
 * so only the primary says that it is not there.
 */
export async function readRecent<Result>(leaderboards: Leaderboards, read: Read<Result>): Promise<Result> {
  const recent = await readReplica(leaderboards.replica, read);
  return recent !== undefined && read.isFound(recent) ? recent : await readNewest(leaderboards, read);
}

async function readReplica<Result>(
  replica: LeaderboardsReplica | undefined,
  { key, query }: Read<Result>,
): Promise<Result | undefined> {
  if (replica?.source.isUsed() !== true) return undefined;
  // Only its line rejects, when it is full or does not move.
  return await replica.reads.read(key, async () => await replica.source.read(query)).catch(() => undefined);
}
