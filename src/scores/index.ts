/**
 * Scores, and the events that explain them.
 *
 * A total only changes by spending a verified action or by an operator's adjustment, each in one statement that claims
 * its id, changes the total and records the event. For every player the total is the sum of the events' applied deltas.
 * Equal totals rank by who reached them first; an answer is sent only after its commit. Whatever changes a score, psql
 * included, changes score_counts with it, from which ranks are read: the triggers of drizzle/0002_score_moves.sql and
 * drizzle/0004_board_locks.sql see to that.
 */
import { createBulkhead } from '../bulkhead.ts';
import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import type { Rankings } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createApplyBatch } from './apply-batch.ts';
import { createLastReached } from './last-reached.ts';
import { ScoreBatcher } from './score-batcher.ts';
import type { Scores } from './submit-score.ts';

export { adjustScore } from './adjust-score.ts';
export { type Audit, auditScores } from './audit-scores.ts';
export { detachEvents } from './events-repository.ts';
export { scoreHandlers } from './handlers.ts';
export { purgeRemovedScores } from './purge-removed-scores.ts';
export { rebalanceBuckets, type Unsplittable } from './rebalance-buckets.ts';
export { doubtRankings } from './rank-scored.ts';
export { removeScores } from './removal-repository.ts';
export type { Scores } from './submit-score.ts';
export { toVerdictView, VerdictView } from './verdict-view.ts';
export { verifyHistogram } from './verify-histogram.ts';

/** The embedded store has one connection, where a second batch would only queue behind the first. */
const MAX_IN_FLIGHT = { postgres: 2, embedded: 1 };

interface ScoresDependencies {
  readonly db: Database;
  readonly rankings?: Rankings | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'scoresCapped'>;
}

export function createScores({ db, rankings, clock, log, metrics }: ScoresDependencies): Scores {
  const lastReached = createLastReached();
  const apply = createApplyBatch(db, lastReached);
  const batcher = new ScoreBatcher({ apply, clock, maxInFlight: MAX_IN_FLIGHT[db.store] });
  // One at a time: an audit reads every event of a leaderboard.
  const audits = createBulkhead({
    concurrent: 1,
    waiting: 100,
    maxWaitMs: 10_000,
    message: 'other audits are under way',
  });
  return { db, rankings, batcher, lastReached, audits, log, metrics };
}
