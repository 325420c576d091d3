import { setTimeout } from 'node:timers/promises';

import type { RedisCalls } from '../../redis/index.ts';
import {
  countIndexedPlayers,
  findIndexedScores,
  findIndexedTop,
  type IndexedScore,
} from '../ranking-index/index.ts';
import type { Stores } from './replay.ts';
import { countPlayers, findRankedScores, findScoresOf, type PlayerCount } from './repository.ts';

/** How the index differs from PostgreSQL, as far as it was compared. */
export interface Comparison {
  readonly compared: number;
  readonly drifted: number;
}

const COMPARED = 100;
/** Longer than an update that was committed takes to reach the index. */
const SETTLE_MS = 1000;
/** What is seen so often in a row is no update on its way. */
const LOOKS = 3;
const DAY_MS = 86_400_000;

/**
 * Compares the best 100 with their versions, and the number of players. Both stores go on changing meanwhile, so a
 * difference counts only when three looks in a row find the same player different. Undefined when the board is not ready.
 */
export async function compare(stores: Stores, leaderboardId: string): Promise<Comparison | undefined> {
  let found = await lookOnce(stores, leaderboardId);
  for (let look = 1; look < LOOKS && found !== undefined && differs(found); look += 1) {
    const again = await lookOnce(stores, leaderboardId);
    found = again && {
      compared: again.compared,
      different: intersect(found.different, again.different),
      uncompared: Math.min(found.uncompared, again.uncompared),
    };
  }
  return found && { compared: found.compared, drifted: found.different.size + found.uncompared };
}

interface Look {
  readonly compared: number;
  readonly different: ReadonlySet<string>;
  /** Players whom one store has and the other has not, and whom nobody can name, as they are not among the compared. */
  readonly uncompared: number;
}

function differs({ different, uncompared }: Look): boolean {
  return different.size > 0 || uncompared > 0;
}

/** PostgreSQL is read before and after the index: whatever the index holds must lie between. */
async function lookOnce(stores: Stores, leaderboardId: string): Promise<Look | undefined> {
  const { db, redis } = stores;
  const userIds = await findBest(stores, leaderboardId);
  // Any fixed time will do of which the notes are still there.
  const since = new Date(Date.now() - DAY_MS).toISOString();
  const before = byUser(await findScoresOf(db, leaderboardId, userIds));
  const playersBefore = await countPlayers(db, leaderboardId, since);
  await setTimeout(SETTLE_MS, undefined, { ref: false });
  const indexed = await findIndexed(redis, leaderboardId, userIds);
  const playersIndexed = await countIndexedPlayers(redis, leaderboardId);
  const after = byUser(await findScoresOf(db, leaderboardId, userIds));
  const playersAfter = await countPlayers(db, leaderboardId, since);

  if (indexed === undefined || playersIndexed === undefined) return undefined;
  const different = userIds.filter(
    (userId) => !lies(indexed.get(userId), before.get(userId), after.get(userId)),
  );
  const named = different.filter((userId) => indexed.has(userId) !== after.has(userId));
  return {
    compared: userIds.length,
    different: new Set(different),
    uncompared: Math.max(0, excess(playersIndexed, playersBefore, playersAfter) - named.length),
  };
}

/** The best 100 of both stores: whom only one of them has up there is what is looked for. */
async function findBest({ db, redis }: Stores, leaderboardId: string): Promise<string[]> {
  const best = await findRankedScores(db, leaderboardId, { limit: COMPARED });
  const top = await findIndexedTop(redis, leaderboardId, COMPARED);
  return [...new Set([...best, ...(top?.scores ?? [])].map(({ userId }) => userId))];
}

async function findIndexed(
  redis: RedisCalls,
  leaderboardId: string,
  userIds: readonly string[],
): Promise<Map<string, IndexedScore> | undefined> {
  const found: IndexedScore[] = [];
  for (let start = 0; start < userIds.length; start += COMPARED) {
    const part = await findIndexedScores(redis, leaderboardId, userIds.slice(start, start + COMPARED));
    if (part === undefined) return undefined;
    found.push(...part.filter((score) => score !== undefined));
  }
  return byUser(found);
}

function byUser(scores: readonly IndexedScore[]): Map<string, IndexedScore> {
  return new Map(scores.map((score) => [score.userId, score]));
}

/** Whether a score of the index is one that PostgreSQL had between two readings. */
function lies(
  indexed: IndexedScore | undefined,
  before: IndexedScore | undefined,
  after: IndexedScore | undefined,
): boolean {
  if (after === undefined) return indexed === undefined;
  if (indexed === undefined) return before === undefined;
  if (indexed.version < (before?.version ?? 0) || indexed.version > after.version) return false;
  return [before, after].every((row) => row?.version !== indexed.version || isSame(row, indexed));
}

function isSame(one: IndexedScore, other: IndexedScore): boolean {
  return one.totalScore === other.totalScore && one.scoreFirstReachedAt === other.scoreFirstReachedAt;
}

/**
 * By how many players the index has more or fewer than can be between two readings. Some came and some were removed in
 * any order, so there may have been fewer by the removed than at first, and more by the removed than at last.
 */
function excess(indexed: number, before: PlayerCount, after: PlayerCount): number {
  const removed = after.removed - before.removed;
  const fewest = Math.min(before.players, after.players) - removed;
  const most = Math.max(before.players, after.players) + removed;
  return Math.max(0, indexed - most, fewest - indexed);
}

function intersect(one: ReadonlySet<string>, other: ReadonlySet<string>): Set<string> {
  return new Set([...one].filter((item) => other.has(item)));
}
