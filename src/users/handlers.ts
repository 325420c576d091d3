import type { MiddlewareHandler } from 'hono';

import type { Database } from '../db/index.ts';
import { answerJson } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import type { RateLimits } from '../http/rate-limits.ts';
import { getProfile } from './get-profile.ts';
import { toUserView, UserView } from './user.ts';

interface UserHandlerDependencies<Caller> {
  readonly db: Database;
  /** Lets players pass only. Handed in, because accounts are what authentication itself stands on. */
  readonly requirePlayer: MiddlewareHandler<{ Variables: { caller: Caller } }>;
  readonly limits: RateLimits;
}

export function userHandlers<Caller extends { readonly userId: string }>({
  db,
  requirePlayer,
  limits,
}: UserHandlerDependencies<Caller>) {
  return {
    getProfile: factory.createHandlers(
      operation({
        id: 'getProfile',
        tag: 'Users',
        summary: 'Read your profile',
        caller: 'player',
        success: { 200: { description: 'The profile', schema: UserView } },
        limited: true,
      }),
      limits.readsByAddress,
      requirePlayer,
      async (c) => answerJson(c, toUserView(await getProfile(db, c.get('caller').userId))),
    ),
  };
}
