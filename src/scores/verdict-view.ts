import { z } from 'zod';

import { ActionId } from '../actions/index.ts';
import { LeaderboardId, MAX_TOTAL_SCORE } from '../leaderboards/index.ts';
import type { RankedVerdict } from './score.ts';

export const VerdictView = z
  .object({
    leaderboard_id: LeaderboardId,
    user_id: z.uuid(),
    action_id: ActionId,
    score_delta: z.int(),
    total_score: z.int().min(0).max(MAX_TOTAL_SCORE),
    score_first_reached_at: z.iso.datetime({ precision: 6 }),
    capped: z.boolean(),
    rank: z.int().min(1).nullable(),
  })
  .meta({ id: 'Verdict' });
export type VerdictView = z.infer<typeof VerdictView>;

/** Without an index the rank stays null: counting the better players is not cheap enough to do after every update. */
export function toVerdictView({ verdict, rank }: Pick<RankedVerdict, 'verdict' | 'rank'>): VerdictView {
  return {
    leaderboard_id: verdict.leaderboardId,
    user_id: verdict.userId,
    action_id: verdict.actionId,
    score_delta: verdict.scoreDelta,
    total_score: verdict.totalScore,
    score_first_reached_at: verdict.scoreFirstReachedAt,
    capped: verdict.capped,
    rank,
  };
}
