import { z } from 'zod';

import { type Auth, requireGameService } from '../auth/index.ts';
import { answerJson } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { validate } from '../http/validate.ts';
import { GLOBAL_LEADERBOARD, LeaderboardId } from '../leaderboards/index.ts';
import { type Actions, registerAction } from './register-action.ts';
import type { ActionClaims } from './token.ts';

/** The game's own name for an action; the service makes one up when it is left out. */
export const ActionId = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'must have 1 to 64 characters of A-Z a-z 0-9 _ -')
  .meta({ description: 'Unique over all players: one for each player and action' });

const CompletedAction = z
  .strictObject({
    user_id: z.uuid().toLowerCase(),
    max_score: z.int().min(1),
    action_id: ActionId.optional(),
    leaderboard_id: LeaderboardId.default(GLOBAL_LEADERBOARD),
  })
  .meta({ id: 'CompletedAction' });

const RegisteredAction = z
  .object({
    action_id: ActionId,
    user_id: z.uuid(),
    leaderboard_id: LeaderboardId,
    max_score: z.int().min(1),
    expires_at: z.iso.datetime(),
    action_token: z.string(),
  })
  .meta({ id: 'RegisteredAction' });
type RegisteredAction = z.infer<typeof RegisteredAction>;

export function actionHandlers({ actions, auth }: { actions: Actions; auth: Auth }) {
  return {
    register: factory.createHandlers(
      operation({
        id: 'registerAction',
        tag: 'Actions',
        summary: 'Register that a player completed an action, for a token that the player may spend once',
        caller: 'game service',
        success: { 201: { description: 'The action, with its token', schema: RegisteredAction } },
        errors: ['not_found', 'leaderboard_not_found', 'action_already_consumed'],
        body: true,
      }),
      requireGameService(auth),
      validate('json', CompletedAction),
      async (c) => {
        const body = c.req.valid('json');
        const { claims, token } = await registerAction(actions, {
          userId: body.user_id,
          maxScore: body.max_score,
          actionId: body.action_id,
          leaderboardId: body.leaderboard_id,
        });
        return answerJson(c, toRegisteredActionView(claims, token), 201);
      },
    ),
  };
}

function toRegisteredActionView(claims: ActionClaims, token: string): RegisteredAction {
  return {
    action_id: claims.actionId,
    user_id: claims.userId,
    leaderboard_id: claims.leaderboardId,
    max_score: claims.maxScore,
    expires_at: new Date(claims.expiresAt * 1000).toISOString(),
    action_token: token,
  };
}
