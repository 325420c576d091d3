import { AppError, unavailable } from '../errors.ts';
import { RedisRefused, RedisUnavailable } from '../redis/index.ts';
import type { Rankings } from './rankings.ts';
import { leaderboardNotFound } from './read-page.ts';
import type { Leaderboards } from './read.ts';
import { hasLeaderboard } from './repository.ts';
import { RebuildSuperseded } from './sync/rebuild.ts';
import type { SyncMode, SyncReport } from './sync/report.ts';

interface SyncedLeaderboards extends Pick<Leaderboards, 'db'> {
  readonly rankings: Pick<Rankings, 'sync'> | undefined;
}

/**
 * Compares a leaderboard's index with PostgreSQL, and builds it anew where they differ or `mode` asks for it.
 * Throws redis_disabled, leaderboard_not_found, and unavailable when Redis is away or another sync is running.
 */
export async function syncLeaderboard(
  leaderboards: SyncedLeaderboards,
  { leaderboardId, mode }: { leaderboardId: string; mode: SyncMode },
): Promise<SyncReport> {
  const { sync } = getRankings(leaderboards);
  await assertLeaderboard(leaderboards, leaderboardId);
  return await sync.sync(leaderboardId, mode).catch(failOnRedis);
}

/**
 * Finds what the last sync of a leaderboard said, whichever process made it. Throws as syncLeaderboard does, and
 * not_found before the first one.
 */
export async function getLastReport(
  leaderboards: SyncedLeaderboards,
  leaderboardId: string,
): Promise<SyncReport> {
  const { sync } = getRankings(leaderboards);
  await assertLeaderboard(leaderboards, leaderboardId);
  const report = await sync.findReport(leaderboardId).catch(failOnRedis);
  if (report === undefined) throw new AppError('not_found', `there was no sync of ${leaderboardId} yet`);
  return report;
}

function getRankings({ rankings }: SyncedLeaderboards): Pick<Rankings, 'sync'> {
  if (rankings === undefined) throw new AppError('redis_disabled', 'this service runs without Redis');
  return rankings;
}

async function assertLeaderboard({ db }: Pick<Leaderboards, 'db'>, leaderboardId: string): Promise<void> {
  if (!(await hasLeaderboard(db, leaderboardId))) throw leaderboardNotFound(leaderboardId);
}

/** Elsewhere the service does without Redis; here there is nothing to do without it. */
function failOnRedis(error: unknown): never {
  if (error instanceof RedisUnavailable || error instanceof RedisRefused)
    throw unavailable('Redis cannot be used right now', { cause: error });
  if (error instanceof RebuildSuperseded) throw unavailable('another rebuild took over', { cause: error });
  throw error;
}
