import { z } from 'zod';

import {
  actorOf,
  ApiKeyName,
  ApiKeyRole,
  type Auth,
  createApiKey,
  requireOperator,
  revokeApiKey,
} from '../auth/index.ts';
import { answer, answerJson, setHeaders } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { validate } from '../http/validate.ts';
import { LeaderboardId } from '../leaderboards/index.ts';
import { adjustScore, auditScores, type Scores, toVerdictView, VerdictView } from '../scores/index.ts';
import { AuditView, NewAdjustment, toAuditView } from './score-schemas.ts';

const NewApiKey = z.strictObject({ name: ApiKeyName, role: ApiKeyRole }).meta({ id: 'NewApiKey' });

const CreatedApiKey = z.object({ api_key_id: z.uuid(), api_key: z.string() }).meta({ id: 'CreatedApiKey' });

const ApiKeyPath = z.object({ api_key_id: z.uuid().toLowerCase() });

const LeaderboardPath = z.object({ leaderboard_id: LeaderboardId });

const UserPath = z.object({ user_id: z.uuid().toLowerCase() });

export function adminHandlers({ auth, scores }: { auth: Auth; scores: Scores }) {
  return {
    createApiKey: factory.createHandlers(
      operation({
        id: 'createApiKey',
        tag: 'Operators',
        summary: 'Make an API key, which is shown this once',
        caller: 'operator',
        success: { 201: { description: 'The key', schema: CreatedApiKey } },
        body: true,
      }),
      requireOperator(auth),
      validate('json', NewApiKey),
      async (c) => {
        const { id, apiKey } = await createApiKey(auth, c.req.valid('json'));
        return answerJson(c, { api_key_id: id, api_key: apiKey }, 201, { 'Cache-Control': 'no-store' });
      },
    ),

    revokeApiKey: factory.createHandlers(
      operation({
        id: 'revokeApiKey',
        tag: 'Operators',
        summary: 'End an API key',
        caller: 'operator',
        success: { 204: { description: 'The key has ended' } },
        errors: ['invalid_request', 'not_found', 'body_too_large'],
      }),
      requireOperator(auth),
      validate('param', ApiKeyPath),
      async (c) => {
        await revokeApiKey(auth, c.req.valid('param').api_key_id);
        return answer(c, null, 204);
      },
    ),

    adjustScore: factory.createHandlers(
      operation({
        id: 'adjustScore',
        tag: 'Operators',
        summary: "Add to a player's score, or take from it",
        caller: 'operator',
        success: {
          200: { description: 'The verdict', schema: VerdictView, headers: ['Idempotent-Replayed'] },
        },
        errors: ['not_found', 'leaderboard_not_found', 'action_already_consumed'],
        body: true,
      }),
      requireOperator(auth),
      validate('param', UserPath),
      validate('json', NewAdjustment),
      async (c) => {
        const { leaderboard_id: leaderboardId, score_delta: scoreDelta, ...rest } = c.req.valid('json');
        const scored = await adjustScore(scores, {
          userId: c.req.valid('param').user_id,
          leaderboardId,
          scoreDelta,
          actionId: rest.action_id,
          reason: rest.reason,
          actor: actorOf(c.get('caller')),
        });
        if (scored.replayed) setHeaders(c, { 'Idempotent-Replayed': 'true' });
        return answerJson(c, toVerdictView(scored));
      },
    ),

    auditLeaderboard: factory.createHandlers(
      operation({
        id: 'auditLeaderboard',
        tag: 'Operators',
        summary: "Compare every player's total with the sum of the score events",
        caller: 'operator',
        success: { 200: { description: 'What was compared', schema: AuditView } },
        errors: ['invalid_request', 'leaderboard_not_found', 'body_too_large'],
      }),
      requireOperator(auth),
      validate('param', LeaderboardPath),
      async (c) => {
        const { leaderboard_id: leaderboardId } = c.req.valid('param');
        return answerJson(c, toAuditView(await auditScores(scores, leaderboardId, c.req.raw.signal)));
      },
    ),
  };
}
