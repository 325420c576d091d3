import type { Database } from '../db/index.ts';
import {
  type Bucket,
  cutBucket,
  listBuckets,
  lockBounds,
  mergeBucket,
  selectCuts,
} from './histogram-repository.ts';

/*
 * A rank is found by counting within one bucket and adding up the buckets above, and an update finds its bucket among
 * all of them. Up to a million players counting takes longest. Beyond, buckets grow with the root of the board, so that
 * neither their number nor their size grows as the board does.
 */
const MIN_LIMIT = 4096;
const MAX_LIMIT = 16_384;
const LIMIT_OF_ROOT = 4;

/** Writers wait while slices are counted: at most this many in a transaction, about a tenth of a second. */
const MAX_SLICES = 16;

/** How many players a bucket had that could not be cut, as all shared one key; tried again once they have doubled. */
export type Unsplittable = Map<string, number>;

interface RebalanceOptions {
  readonly unsplittable: Unsplittable;
  /** Above this a bucket is split, into halves of it; by default what is best for the size of its board. */
  readonly maxPlayers?: number;
}

/**
 * Keeps the buckets of every leaderboard small: splits crowded ones and merges deserted neighbours. Only ever changes
 * how fast a rank is found, never the rank. Several processes may do it at once: each change locks the leaderboard's
 * bounds, leaves a bucket alone that is gone by then, and holds up writers for as long as counting some slices takes.
 * Returns how many buckets it changed. One that fails keeps no other from its turn; the failures are thrown at the end.
 */
export async function rebalanceBuckets(
  db: Database,
  { unsplittable, maxPlayers: given }: RebalanceOptions,
): Promise<number> {
  const failures: unknown[] = [];
  let changed = 0;
  let below: Bucket | undefined;
  const buckets = await listBuckets(db);
  forgetGone(unsplittable, buckets);
  const players = countPlayers(buckets);
  for (const bucket of buckets) {
    const maxPlayers = given ?? toLimit(players.get(bucket.leaderboardId) ?? 0);
    const change = plan(bucket, below, { unsplittable, maxPlayers });
    below = change === 'merge' && below ? { ...below, players: below.players + bucket.players } : bucket;
    if (change === 'keep') continue;
    try {
      const done = change === 'merge' ? mergeIntoBelow(db, bucket) : splitBucket(db, bucket, maxPlayers);
      if (await done) changed += 1;
      else unsplittable.set(keyOf(bucket), bucket.players);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, 'some buckets were not rebalanced');
  return changed;
}

function countPlayers(buckets: readonly Bucket[]): ReadonlyMap<string, number> {
  const players = new Map<string, number>();
  for (const bucket of buckets)
    players.set(bucket.leaderboardId, (players.get(bucket.leaderboardId) ?? 0) + bucket.players);
  return players;
}

/** The greatest bucket of a board with so many players; an even number. */
export function toLimit(players: number): number {
  const limit = LIMIT_OF_ROOT * Math.sqrt(players);
  return 2 * Math.round(Math.min(Math.max(limit, MIN_LIMIT), MAX_LIMIT) / 2);
}

/** What to do with a bucket, given the one before it, which may be another leaderboard's. */
function plan(
  bucket: Bucket,
  below: Bucket | undefined,
  { unsplittable, maxPlayers }: Required<RebalanceOptions>,
): 'split' | 'merge' | 'keep' {
  const known = unsplittable.get(keyOf(bucket)) ?? 0;
  if (bucket.players > Math.max(maxPlayers, 2 * known)) return 'split';
  if (below?.leaderboardId !== bucket.leaderboardId) return 'keep';
  // Two neighbours with few together become one, so that buckets do not pile up where players have left.
  return bucket.players + below.players < maxPlayers / 4 ? 'merge' : 'keep';
}

/** A merged bucket may come back at the same key with other players. */
function forgetGone(unsplittable: Unsplittable, buckets: readonly Bucket[]): void {
  const keys = new Set(buckets.map(keyOf));
  for (const key of unsplittable.keys()) if (!keys.has(key)) unsplittable.delete(key);
}

function keyOf({ leaderboardId, lower }: Bucket): string {
  return `${leaderboardId} ${lower}`;
}

/** False when the players at its upper end share one key. */
async function splitBucket(db: Database, bucket: Bucket, maxPlayers: number): Promise<boolean> {
  const size = maxPlayers / 2;
  let { players } = bucket;
  while (players > maxPlayers) {
    // Before the lock, because slices need not be even: writers only wait for the counting.
    const cuts = await selectCuts(db, bucket, { size, limit: MAX_SLICES });
    if (cuts.length === 0) return players < bucket.players;
    await db.transaction(async (queries) => {
      await lockBounds(queries, bucket.leaderboardId);
      await cutBucket(queries, bucket, cuts);
    });
    players -= cuts.length * size;
  }
  return true;
}

async function mergeIntoBelow(db: Database, bucket: Bucket): Promise<boolean> {
  await db.transaction(async (queries) => {
    await lockBounds(queries, bucket.leaderboardId);
    await mergeBucket(queries, bucket);
  });
  return true;
}
