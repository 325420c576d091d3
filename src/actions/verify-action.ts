import { createMiddleware } from 'hono/factory';

import type { Player } from '../auth/index.ts';
import type { Clock } from '../clock.ts';
import { AppError } from '../errors.ts';
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
export function verifyAction({ secrets, clock }: { secrets: readonly string[]; clock: Clock }) {
  return createMiddleware<SpendEnv, string, SpendInput>(async (c, next) => {
    const { action_token: token, score_delta: scoreDelta } = c.req.valid('json');
    const claims = openActionToken(token, secrets);
    assertAllowed(claims, { userId: c.var.caller.userId, scoreDelta, nowMs: clock() });
    c.set('action', claims);
    await next();
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
