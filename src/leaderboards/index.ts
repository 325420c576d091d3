/**
 * Leaderboards, and who stands where on them.
 *
 * The order everywhere: total score descending, then who reached it first, then user id descending, which only makes
 * equal microseconds deterministic. One answer comes from one snapshot, and holds every update acknowledged before
 * its request; what a read replica may answer, those acknowledged 2 s before.
 */
import { createBulkhead } from '../bulkhead.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/index.ts';
import type { Replica } from '../replica/index.ts';
import { Coalescer } from './coalesce.ts';
import type { Rankings } from './rankings.ts';
import type { Leaderboards } from './read.ts';

export { type BoardChange, type BoardChanges, createBoardChanges } from './board-changes.ts';
export { leaderboardHandlers } from './handlers.ts';
export {
  type Entry,
  GLOBAL_LEADERBOARD,
  type Leaderboard,
  LeaderboardId,
  LeaderboardTitle,
  MAX_TOTAL_SCORE,
  type Page,
} from './leaderboard.ts';
export { listLeaderboards } from './list-leaderboards.ts';
export { putLeaderboard } from './put-leaderboard.ts';
export { hasLeaderboard } from './repository.ts';
export { scoreOfKey, scoresInRange, timeOfKey } from './rank-key.ts';
export { createRankings, type Rankings } from './rankings.ts';
export { leaderboardNotFound, readNewestPage, readPage } from './read-page.ts';
export { readPosition } from './read-position.ts';
export { type Leaderboards, readNewest } from './read.ts';
export { syncHandlers } from './sync-handlers.ts';
export { syncLeaderboard } from './sync-leaderboard.ts';
export { SyncReportView, toSyncReportView } from './sync-report-view.ts';
export { Synchronizer } from './sync/synchronizer.ts';
export { toPageView } from './views.ts';

const MAX_WAITING_READS = 1000;
const MAX_WAIT_MS = 3000;
/** All that wait for a replica that fails find room in the primary's line. */
const MAX_WAITING_REPLICA_READS = MAX_WAITING_READS / 2;
/** A replica that needs longer is no help: the primary has the rest of the reader's patience. */
const MAX_REPLICA_WAIT_MS = 1000;

interface LeaderboardsDependencies {
  readonly db: Database;
  readonly replica?: Replica | undefined;
  readonly rankings?: Rankings | undefined;
  readonly config: Pick<Config, 'database'>;
}

/** Reads may hold half of the primary's connections, and all that there are for reads to a replica. */
export function createLeaderboards({
  db,
  replica,
  rankings,
  config,
}: LeaderboardsDependencies): Leaderboards {
  const { poolSize } = config.database;
  return {
    db,
    rankings,
    reads: createReads({
      concurrent: Math.max(1, Math.floor(poolSize / 2)),
      waiting: MAX_WAITING_READS,
      maxWaitMs: MAX_WAIT_MS,
    }),
    replica: replica && {
      source: replica,
      reads: createReads({
        concurrent: poolSize,
        waiting: MAX_WAITING_REPLICA_READS,
        maxWaitMs: MAX_REPLICA_WAIT_MS,
      }),
    },
  };
}

function createReads(line: { concurrent: number; waiting: number; maxWaitMs: number }): Coalescer {
  const bulkhead = createBulkhead({ ...line, message: 'too many reads are waiting' });
  return new Coalescer(bulkhead, line.maxWaitMs);
}
