import type { Database } from '../db/index.ts';
import type { Logger } from '../telemetry/log.ts';
import {
  addToBucket,
  compareBucket,
  listStrayCounts,
  lockMending,
  removeStrayCounts,
  type Tally,
} from './histogram-drift-repository.ts';
import { type Bucket, listBuckets, lockBounds } from './histogram-repository.ts';

interface VerifyDependencies {
  readonly db: Database;
  readonly log: Logger;
}

/**
 * Counts every bucket of every leaderboard and mends those that score_counts has wrong, as after an import without
 * triggers; each is logged as an error. Writers go on meanwhile, and several processes may do it at once. Returns how
 * many were wrong. One that fails keeps no other from its turn; the failures are thrown at the end.
 */
export async function verifyHistogram({ db, log }: VerifyDependencies): Promise<number> {
  const strays = await listStrayCounts(db);
  // From the top down: rebalancing moves what is wrong about a bucket only to the one below it.
  const buckets = (await listBuckets(db)).toReversed();
  const checks = [
    ...strays.map((stray) => async () => await removeStray({ db, log }, stray)),
    ...buckets.map((bucket) => async () => await verifyBucket({ db, log }, bucket)),
  ];
  const failures: unknown[] = [];
  let wrong = 0;
  for (const check of checks) {
    try {
      if (await check()) wrong += 1;
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some buckets were not verified');
  return wrong;
}

/** Tells whether it was wrong. */
async function verifyBucket({ db, log }: VerifyDependencies, bucket: Bucket): Promise<boolean> {
  if (!isWrong(await compareBucket(db, bucket))) return false;
  const mended = await mendBucket(db, bucket);
  if (mended === undefined) return false;
  const { leaderboardId, lower } = bucket;
  log.error({ leaderboardId, lower, ...mended }, 'a bucket of the histogram was wrong, and is mended');
  return true;
}

/**
 * Adds what is missing. Neither writers nor rebalancing change how much that is, so that it is counted before the bounds
 * are locked, and writers do not wait for it. Returns what was found; undefined when somebody else has mended it.
 */
async function mendBucket(db: Database, bucket: Bucket): Promise<Tally | undefined> {
  return await db.transaction(async (queries) => {
    await lockMending(queries, bucket.leaderboardId);
    const tally = await compareBucket(queries, bucket);
    if (!isWrong(tally)) return undefined;
    await lockBounds(queries, bucket.leaderboardId);
    const added = await addToBucket(queries, bucket, tally.counted - tally.kept);
    return added ? tally : undefined;
  });
}

function isWrong(tally: Tally | undefined): tally is Tally {
  return tally !== undefined && tally.counted !== tally.kept;
}

/** Removes the counts of a bucket that is none; tells whether they were there. */
async function removeStray({ db, log }: VerifyDependencies, stray: Bucket): Promise<boolean> {
  const removed = await db.transaction(async (queries) => {
    await lockBounds(queries, stray.leaderboardId);
    return await removeStrayCounts(queries, stray);
  });
  const { leaderboardId, lower, players } = stray;
  if (removed)
    log.error({ leaderboardId, lower, counted: 0, kept: players }, 'counts of no bucket were removed');
  return removed;
}
