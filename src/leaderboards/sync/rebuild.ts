import { randomUUID } from 'node:crypto';

import {
  abandonRebuild,
  addRows,
  beginRebuild,
  type IndexedScore,
  raiseWatermark,
  saveOrigin,
  switchRebuild,
} from '../ranking-index/index.ts';
import { settleOrigin } from './origin.ts';
import { replayRemovals, type Stores, walkChanges } from './replay.ts';
import { findRankedScores, readClock } from './repository.ts';
import { sendInChunks, walkPages } from './walk.ts';

/** Somebody else rebuilds now, or Redis was emptied meanwhile: what was built is not shown. */
export class RebuildSuperseded extends Error {
  constructor(leaderboardId: string) {
    super(`the rebuild of ${leaderboardId} was superseded`);
    this.name = 'RebuildSuperseded';
  }
}

/**
 * Builds the board anew beside the one that is shown, and puts it in its place in one step; the old one is shown until
 * then, unless it may hold what PostgreSQL has lost. Updates and deletions go on meanwhile: they are written to both
 * boards, and what was missed is replayed before the switch. Throws RebuildSuperseded.
 */
export async function rebuild(stores: Stores, leaderboardId: string): Promise<void> {
  const { db, redis } = stores;
  const id = randomUUID();
  const startedAt = await readClock(db);
  const { origin } = await settleOrigin(db, redis, leaderboardId);
  const add = async (rows: readonly IndexedScore[]) => {
    const added = await addRows(redis, leaderboardId, { id, rows });
    if (!added) throw new RebuildSuperseded(leaderboardId);
  };
  await beginRebuild(redis, leaderboardId, id);
  try {
    await walkPages<IndexedScore>(
      async (after, limit) => await findRankedScores(db, leaderboardId, { after, limit }),
      async (rows) => await sendInChunks(rows, add),
      stores.signal,
    );
    await walkChanges(stores, leaderboardId, startedAt, add);
    await replayRemovals(stores, leaderboardId);
    const switched = await switchRebuild(redis, leaderboardId, id);
    if (!switched) throw new RebuildSuperseded(leaderboardId);
  } catch (error) {
    // Its marker would expire too; until then every update would be written to a board that nobody wants.
    await abandonRebuild(redis, leaderboardId, id).catch(() => {});
    throw error;
  }
  // Only now: a watermark without its board would hide what the board before is missing.
  await raiseWatermark(redis, leaderboardId, startedAt);
  if (origin !== undefined) await saveOrigin(redis, leaderboardId, origin);
}
