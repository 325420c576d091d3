import type { Instant, Queries } from '../../db/index.ts';
import type { RedisCalls } from '../../redis/index.ts';
import {
  applyScores,
  countIndexedPlayers,
  dropReady,
  findWatermark,
  type IndexedScore,
  raiseWatermark,
  removePlayers,
  saveOrigin,
} from '../ranking-index/index.ts';
import { settleOrigin } from './origin.ts';
import {
  type ChangedScore,
  changedSince,
  findChangedScores,
  findRemovedPlayers,
  readClock,
} from './repository.ts';
import { sendInChunks, walkPages } from './walk.ts';

/** What reads one store and writes the other. */
export interface Stores {
  readonly db: Queries;
  readonly redis: RedisCalls;
  /** Ends long work early, which then rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * A row counts from its `updated_at`, which is before its commit: by the statement timeout at the most. Everything else
 * of this minute is margin, and applying it twice changes nothing.
 */
const OVERLAP_MS = 60_000;
/** Removed scores are noted for two days. */
const MAX_AGE_MS = 47 * 3_600_000;

/**
 * Applies to the index whatever changed since the last completed replay or rebuild. False when the board is not ready:
 * then only a rebuild helps.
 */
export async function replay(stores: Stores, leaderboardId: string): Promise<boolean> {
  const { db, redis } = stores;
  const startedAt = await readClock(db);
  const { origin, isStartedOver } = await settleOrigin(db, redis, leaderboardId);
  if (isStartedOver) return false;
  const watermark = await findWatermark(redis, leaderboardId);
  if (watermark === undefined || Date.parse(startedAt) - Date.parse(watermark) > MAX_AGE_MS) {
    // Nobody can tell what the board is missing, or who was deleted since: it must not be shown.
    await dropReady(redis, leaderboardId);
    return false;
  }
  await walkChanges(stores, leaderboardId, watermark, async (scores) => {
    await applyScores(redis, leaderboardId, scores);
  });
  await replayRemovals(stores, leaderboardId);
  if ((await countIndexedPlayers(redis, leaderboardId)) === undefined) return false;
  await raiseWatermark(redis, leaderboardId, startedAt);
  if (origin !== undefined) await saveOrigin(redis, leaderboardId, origin);
  return true;
}

/** Sends every score that was changed at `since` or later, and those of the minute before it. */
export async function walkChanges(
  { db, signal }: Pick<Stores, 'db' | 'signal'>,
  leaderboardId: string,
  since: Instant,
  send: (scores: readonly IndexedScore[]) => Promise<void>,
): Promise<void> {
  const first = changedSince(new Date(Date.parse(since) - OVERLAP_MS).toISOString());
  await walkPages<ChangedScore>(
    async (after, limit) => await findChangedScores(db, leaderboardId, { after: after ?? first, limit }),
    async (scores) => await sendInChunks(scores, send),
    signal,
  );
}

/** Takes everybody off the board, and off the one that is being built, who was deleted in the last two days. */
export async function replayRemovals({ db, redis, signal }: Stores, leaderboardId: string): Promise<void> {
  await walkPages<string>(
    async (after, limit) => await findRemovedPlayers(db, leaderboardId, { after, limit }),
    async (userIds) =>
      await sendInChunks(userIds, async (chunk) => {
        await removePlayers(redis, leaderboardId, chunk);
      }),
    signal,
  );
}
