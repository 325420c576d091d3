import type { Bulkhead } from '../bulkhead.ts';
import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import type { BoardChanges, Rankings } from '../leaderboards/index.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { LastReached } from './last-reached.ts';
import { announceScored, doubtRankings, rankScored } from './rank-scored.ts';
import { reportCapped } from './report-capped.ts';
import type { Outcome, RankedVerdict, Scored, ScoreUpdate } from './score.ts';
import type { ScoreBatcher } from './score-batcher.ts';

export interface Scores {
  readonly db: Database;
  readonly rankings: Rankings | undefined;
  readonly changes: BoardChanges;
  readonly batcher: ScoreBatcher;
  readonly lastReached: LastReached;
  readonly audits: Bulkhead;
  readonly log: Logger;
  readonly metrics: Pick<Metrics, 'scoresCapped'>;
}

/** No stream shows more. Whoever rises and is still below was never in sight. */
const MAX_SHOWN_RANK = 100;

/**
 * Adds to a player's score by spending a verified action, once. Spending it again with the same delta returns the
 * first verdict, marked as replayed. Throws action_already_consumed when it was spent in another way,
 * unauthenticated when the player was deleted meanwhile, action_token_malformed for an unknown leaderboard.
 */
export async function submitScore(
  {
    batcher,
    rankings,
    changes,
    log,
    metrics,
  }: Pick<Scores, 'batcher' | 'rankings' | 'changes' | 'log' | 'metrics'>,
  update: ScoreUpdate,
): Promise<RankedVerdict> {
  const outcome = await batcher.submit(update).catch((error: unknown) => doubtRankings(rankings, error));
  const scored = getScored(outcome);
  const { verdict } = scored;
  if (outcome.kind === 'scored') reportCapped({ log, metrics }, verdict);
  // The commit is done: whatever the index does, the score stands.
  const rank = await rankScored(rankings, scored);
  if (rank === null || rank <= MAX_SHOWN_RANK) announceScored(changes, scored);
  return { verdict, rank, replayed: outcome.kind === 'replayed' };
}

function getScored(outcome: Outcome): Scored {
  switch (outcome.kind) {
    case 'scored':
    case 'replayed':
      return outcome;
    case 'spent_otherwise':
      throw new AppError('action_already_consumed', 'this action was spent before, with another score_delta');
    case 'user_gone':
      throw new AppError('unauthenticated', 'the account no longer exists');
    case 'leaderboard_unknown':
      throw new AppError('action_token_malformed', 'action_token names a leaderboard that does not exist');
  }
}
