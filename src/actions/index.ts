/**
 * Actions that players completed, and the tokens that prove it.
 *
 * A game service registers an action and gets a token: signed, short-lived, bound to one player, one leaderboard and
 * a greatest score. Registering stores nothing. Spending a token is recorded in consumed_actions, by the score
 * statement and nobody else; rows stay until no valid token for them can exist.
 */
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Database } from '../db/index.ts';
import type { Actions } from './register-action.ts';

export { ActionId, actionHandlers } from './handlers.ts';
export { purgeConsumedActions } from './purge-consumed-actions.ts';
export type { Actions } from './register-action.ts';
export { type ActionClaims, openActionToken, signActionToken } from './token.ts';
export { countVerdicts, verifyAction } from './verify-action.ts';

export function createActions({
  db,
  config,
  clock,
  metrics,
}: {
  db: Database;
  config: Config;
  clock: Clock;
  metrics: Actions['metrics'];
}): Actions {
  return {
    db,
    clock,
    metrics,
    secrets: config.secrets.ACTION_TOKEN_SECRET,
    tokenTtlSeconds: config.actionTokenTtlSeconds,
  };
}
