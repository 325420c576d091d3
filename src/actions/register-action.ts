import { v7 as uuidv7 } from 'uuid';

import type { Clock } from '../clock.ts';
import type { Database } from '../db/index.ts';
import { AppError } from '../errors.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { getActionFacts } from './repository.ts';
import { type ActionClaims, signActionToken } from './token.ts';

/** What the feature works with: the secrets that sign and verify tokens, how long a token lives, and what counts them. */
export interface Actions {
  readonly db: Database;
  readonly clock: Clock;
  readonly secrets: readonly string[];
  readonly tokenTtlSeconds: number;
  readonly metrics: Pick<Metrics, 'actionTokensVerified' | 'actionTokensRejected'>;
}

interface CompletedAction {
  readonly userId: string;
  readonly maxScore: number;
  readonly leaderboardId: string;
  readonly actionId: string | undefined;
}

/**
 * Signs a token for an action that a player completed. Stores nothing: an action is unique when it is spent, so
 * one that was not may be registered again for a fresh token.
 * Throws not_found, leaderboard_not_found or action_already_consumed.
 */
export async function registerAction(
  { db, clock, secrets, tokenTtlSeconds }: Omit<Actions, 'metrics'>,
  completed: CompletedAction,
): Promise<{ claims: ActionClaims; token: string }> {
  const action = { ...completed, actionId: completed.actionId ?? uuidv7() };
  const { userExists, leaderboardExists, spent } = await getActionFacts(db, action);
  if (!userExists) throw new AppError('not_found', `there is no user ${action.userId}`);
  if (!leaderboardExists)
    throw new AppError('leaderboard_not_found', `there is no leaderboard ${action.leaderboardId}`);
  if (spent) throw new AppError('action_already_consumed', `action ${action.actionId} was spent before`);

  const claims = { ...action, expiresAt: Math.ceil(clock() / 1000) + tokenTtlSeconds };
  const [signingSecret = ''] = secrets;
  return { claims, token: signActionToken(claims, signingSecret) };
}
