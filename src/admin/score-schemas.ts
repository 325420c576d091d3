import { z } from 'zod';

import { ActionId } from '../actions/index.ts';
import { LeaderboardId, MAX_TOTAL_SCORE } from '../leaderboards/index.ts';
import type { Audit } from '../scores/index.ts';

const limits = `must be a whole number from -${MAX_TOTAL_SCORE} to ${MAX_TOTAL_SCORE}, and not 0`;

export const NewAdjustment = z
  .strictObject({
    leaderboard_id: LeaderboardId,
    score_delta: z
      .int(limits)
      .refine((delta) => delta !== 0, limits)
      .meta({ description: 'Negative to take away; the total stops at 0 and at 9007199254740991' }),
    reason: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(500, 'must have at most 500 characters')
      .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'must have no control characters'),
    action_id: ActionId.optional().meta({
      description: 'Makes the request safe to repeat for a day: the same adjustment happens once',
    }),
  })
  .meta({ id: 'NewAdjustment' });

export const AuditView = z
  .object({
    players: z.int().min(0),
    mismatched: z
      .array(z.object({ user_id: z.uuid(), total_score: z.int(), events_total: z.int() }))
      .max(1000)
      .meta({ description: 'Whose total is not the sum of the events, the first 1000 by user id' }),
  })
  .meta({ id: 'Audit' });

export function toAuditView({ players, mismatched }: Audit): z.infer<typeof AuditView> {
  return {
    players,
    mismatched: mismatched.map(({ userId, totalScore, eventsTotal }) => ({
      user_id: userId,
      total_score: totalScore,
      events_total: eventsTotal,
    })),
  };
}
