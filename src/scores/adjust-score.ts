import { v7 as uuidv7 } from 'uuid';

import { isRolledBack, retryOnce } from '../db/index.ts';
import { AppError } from '../errors.ts';
import { type Adjustment as KeyedAdjustment, applyAdjustment } from './adjustment-repository.ts';
import { findVerdicts } from './repository.ts';
import { announceScored, doubtRankings, rankScored } from './rank-scored.ts';
import { reportCapped } from './report-capped.ts';
import type { RankedVerdict } from './score.ts';
import type { Scores } from './submit-score.ts';

/** An operator's change of a score. One with an action id is made once, however often it is asked for. */
export type Adjustment = Omit<KeyedAdjustment, 'actionId'> & { readonly actionId: string | undefined };

/**
 * Adds to a score, or takes from it, by an operator's decision; the total stops at 0 and at MAX_TOTAL_SCORE.
 * Repeating one with the same action id, player, leaderboard and delta returns the first verdict, marked as replayed.
 * Throws not_found, leaderboard_not_found, and action_already_consumed when the action id was used for anything else.
 */
export async function adjustScore(
  { db, rankings, changes, lastReached, log, metrics }: Omit<Scores, 'batcher' | 'audits'>,
  wanted: Adjustment,
): Promise<RankedVerdict> {
  const adjustment = { ...wanted, actionId: wanted.actionId ?? uuidv7() };
  const { userId, leaderboardId, actionId, actor } = adjustment;
  const apply = async () => await applyAdjustment(db, adjustment, lastReached.get());
  const { userExists, leaderboardExists, scored } = await retryOnce(apply, isRolledBack).catch(
    (error: unknown) => doubtRankings(rankings, error),
  );
  if (!userExists) throw new AppError('not_found', `there is no user ${userId}`);
  if (!leaderboardExists)
    throw new AppError('leaderboard_not_found', `there is no leaderboard ${leaderboardId}`);
  if (scored !== undefined) {
    const { verdict } = scored;
    lastReached.raise(verdict.scoreFirstReachedAt);
    log.info(
      { user_id: userId, leaderboard_id: leaderboardId, actor, capped: verdict.capped },
      'score adjusted',
    );
    reportCapped({ log, metrics }, verdict);
    const rank = await rankScored(rankings, scored);
    announceScored(changes, scored);
    return { verdict, rank, replayed: false };
  }
  const first = (await findVerdicts(db, [adjustment], 'adjustment')).get(adjustment);
  if (first === undefined)
    throw new AppError('action_already_consumed', `action_id ${actionId} was used for something else`);
  const rank = await rankScored(rankings, first);
  announceScored(changes, first);
  return { verdict: first.verdict, rank, replayed: true };
}
