import { createBulkhead } from '../bulkhead.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import type { RedisCalls, RedisClient } from '../redis/index.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { BoardChanges } from './board-changes.ts';
import { Coalescer } from './coalesce.ts';
import { gatherPositions } from './gather-positions.ts';
import type { Entry, Page } from './leaderboard.ts';
import {
  findIndexedPage,
  findIndexedPositions,
  type IndexedEntries,
  type IndexedScore,
  type Sought,
} from './ranking-index/index.ts';
import { CatchUp } from './sync/catch-up.ts';
import { IndexWriter } from './sync/index-writer.ts';
import { Synchronizer } from './sync/synchronizer.ts';
import { cacheUsernames, type Usernames } from './usernames.ts';
import { findUsernames } from './username-repository.ts';

/** A player's score on a leaderboard; every change of it raises `version`. */
interface Score extends IndexedScore {
  readonly leaderboardId: string;
}

interface Ranked {
  readonly totalPlayers: number;
  readonly entries: readonly Entry[];
}

/** The order of every leaderboard in Redis. It may be missing, behind or wrong, and says so or is mended: see sync/. */
export interface Rankings {
  /** Tells of a committed score; resolves with the player's rank, or null when the index does not know it. */
  write(score: Score): Promise<number | null>;
  /** Tells of a player who was deleted. */
  remove(userId: string, leaderboardIds: readonly string[]): Promise<void>;
  /** Undefined when only PostgreSQL can answer. */
  findPage(leaderboardId: string, page: { limit: number; offset: number }): Promise<Page | undefined>;
  /** As findPage; without entries for a player who has no score. */
  findPosition(leaderboardId: string, player: Sought): Promise<Ranked | undefined>;
  /** Tells that the answer to a commit was lost, so that the index may be missing it. */
  fallBehind(): void;
  readonly sync: Pick<Synchronizer, 'sync' | 'requestRebuild' | 'findReport' | 'verifyDue' | 'rebuildAll'>;
  close(): Promise<void>;
}

interface RankingsDependencies {
  readonly db: Database;
  readonly redis: RedisClient;
  readonly clock: Clock;
  /** Told when a board was built anew. */
  readonly changes?: BoardChanges | undefined;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'leaderboardDrift' | 'redisFallbacks' | 'retryQueueDepth'>;
}

const READ_MS = 300;
/** Of the connections that scores are written with. */
const MAX_LOOK_UPS = 2;

export function createRankings({ db, redis, clock, changes, log, metrics }: RankingsDependencies): Rankings {
  const sync = new Synchronizer({
    db,
    redis,
    log,
    onCompared: (leaderboardId, drifted) => metrics.leaderboardDrift.record(leaderboardId, drifted),
    onBuilt: (leaderboardId) => changes?.announce({ leaderboardId }),
  });
  const catchUp = new CatchUp({
    health: redis.health,
    replayAll: async () => await sync.replayAll(),
    log,
  });
  const writer = new IndexWriter({
    redis,
    clock,
    onNotReady: (leaderboardId) => sync.requestRebuild(leaderboardId),
    onLost: () => catchUp.fallBehind(),
  });
  metrics.retryQueueDepth.readFrom(() => writer.missing);
  const lookUps = createBulkhead({
    concurrent: MAX_LOOK_UPS,
    waiting: 1000,
    maxWaitMs: READ_MS,
    message: 'too many names are being looked up',
  });
  const usernames = cacheUsernames(
    async (userIds) => await lookUps(async () => await findUsernames(db, userIds)),
  );

  /** Nothing that others need is held while Redis is waited for, so there is no line. */
  const pages = new Coalescer(async (read) => await read(), READ_MS);

  /** Undefined when the index must not or cannot be read. */
  async function find<Found>(
    leaderboardId: string,
    query: (calls: RedisCalls) => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    if (!catchUp.isCurrent || writer.missing > 0) return undefined;
    try {
      const found = await query(redis.within({ totalMs: READ_MS }));
      if (found === undefined) sync.requestRebuild(leaderboardId);
      return found;
    } catch (err) {
      log.debug({ err, leaderboard_id: leaderboardId }, 'the ranking index was not read');
      return undefined;
    }
  }

  const addUsernames = async <Found extends IndexedEntries>(found: Found | undefined) =>
    found && (await withUsernames(found, usernames));

  /** Undefined as `find` is. */
  const readPage = async (
    leaderboardId: string,
    page: { limit: number; offset: number },
  ): Promise<Page | undefined> => {
    const found = await find(
      leaderboardId,
      async (calls) => await findIndexedPage(calls, leaderboardId, page),
    );
    const entries = await addUsernames(found);
    return entries && { leaderboardId, ...entries, source: 'redis' };
  };

  const seekPosition = gatherPositions(
    async (leaderboardId, players) =>
      await find(leaderboardId, async (calls) => await findIndexedPositions(calls, leaderboardId, players)),
  );

  /** Counts what PostgreSQL has to answer. */
  const countFallback = <Found>(found: Found | undefined): Found | undefined => {
    if (found === undefined) metrics.redisFallbacks.add();
    return found;
  };

  return {
    write: async ({ leaderboardId, ...score }) => await writer.write(leaderboardId, score),
    remove: async (userId, leaderboardIds) => await writer.remove(userId, leaderboardIds),
    findPage: async (leaderboardId, page) => {
      const key = `page ${leaderboardId} ${page.limit} ${page.offset}`;
      const read = async () => await readPage(leaderboardId, page);
      return countFallback(await pages.read(key, read).catch(undefinedWhenRefused));
    },
    findPosition: async (leaderboardId, player) =>
      countFallback(await addUsernames(await seekPosition(leaderboardId, player))),
    fallBehind: () => catchUp.fallBehind(),
    sync,
    close: async () => {
      await writer.close();
      await sync.close();
      await catchUp.close();
    },
  };
}

type Named<Found extends IndexedEntries> = Omit<Found, 'entries'> & Ranked;

/** Undefined when one of the players is gone already: then PostgreSQL knows better. */
async function withUsernames<Found extends IndexedEntries>(
  found: Found,
  usernames: Usernames,
): Promise<Named<Found> | undefined> {
  const { entries } = found;
  const names = await usernames(entries.map(({ userId }) => userId)).catch(undefinedWhenRefused);
  if (names === undefined) return undefined;
  const named = entries.flatMap((entry) => {
    const username = names.get(entry.userId);
    return username === undefined ? [] : [{ ...entry, username }];
  });
  return named.length === entries.length ? { ...found, entries: named } : undefined;
}

/** A line that is full: readers of PostgreSQL have another. */
function undefinedWhenRefused(error: unknown): undefined {
  if (error instanceof AppError) return undefined;
  throw error;
}
