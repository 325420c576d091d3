import { createMiddleware } from 'hono/factory';

import type { Player } from '../auth/index.ts';
import { AppError, type ErrorCode, tokenRejections } from '../errors.ts';
import type { Actions } from './register-action.ts';
import { type ActionClaims, openActionToken } from './token.ts';

interface SpendEnv {
  Variables: { caller: Player; action: ActionClaims };
}

interface SpendInput {
  in: { json: { action_token: string; score_delta: number } };
  out: { json: { action_token: string; score_delta: number } };
}

/**
 * Lets a score update pass only with an action token that allows it, and hands its claims on as `action`.
 * Checks in the specification's order (Action Verification, steps 1 to 5): form, signature, expiry, player, score.
 * Step 6, spending it once, belongs to the score statement.
 */
export function verifyAction({ secrets, clock }: Pick<Actions, 'secrets' | 'clock'>) {
  return createMiddleware<SpendEnv, string, SpendInput>(async (c, next) => {
    const { action_token: token, score_delta: scoreDelta } = c.req.valid('json');
    const claims = openActionToken(token, secrets);
    assertAllowed(claims, { userId: c.get('caller').userId, scoreDelta, nowMs: clock() });
    c.set('action', claims);
    await next();
  });
}

/** The last of them is found out by the score statement, which also knows the leaderboards. */
const rejections: ReadonlySet<ErrorCode> = new Set<ErrorCode>(tokenRejections);

/** Counts what becomes of every action token: it stands before what may refuse one. */
export function countVerdicts({ metrics }: Pick<Actions, 'metrics'>) {
  return createMiddleware(async (c, next) => {
    await next();
    const code = c.error instanceof AppError ? c.error.code : undefined;
    if (code !== undefined && rejections.has(code)) metrics.actionTokensRejected.add(code);
    else metrics.actionTokensVerified.add();
  });
}

interface Spending {
  readonly userId: string;
  readonly scoreDelta: number;
  readonly nowMs: number;
}

function assertAllowed(claims: ActionClaims, { userId, scoreDelta, nowMs }: Spending): void {
  if (nowMs >= claims.expiresAt * 1000) {
    throw new AppError('action_token_expired', 'action_token has expired: register the action again');
  }
  if (claims.userId !== userId) {
    throw new AppError('action_token_wrong_user', 'action_token was made for another player');
  }
  if (scoreDelta > claims.maxScore) {
    throw new AppError(
      'score_delta_exceeds_max',
      `score_delta ${scoreDelta} is above this action's max_score ${claims.maxScore}`,
      { details: [{ path: 'score_delta', message: `must be at most ${claims.maxScore}` }] },
    );
  }
}
