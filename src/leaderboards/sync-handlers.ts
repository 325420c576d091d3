import { z } from 'zod';

import { type Auth, requireOperator } from '../auth/index.ts';
import { answerJson } from '../http/answer.ts';
import { factory } from '../http/factory.ts';
import { operation } from '../http/openapi.ts';
import { validate, validateOptionalJson } from '../http/validate.ts';
import { LeaderboardId } from './leaderboard.ts';
import type { Leaderboards } from './read.ts';
import { getLastReport, syncLeaderboard } from './sync-leaderboard.ts';
import { SyncReportView, toSyncReportView } from './sync-report-view.ts';

const LeaderboardPath = z.object({ leaderboard_id: LeaderboardId });

const Sync = z.strictObject({ mode: z.enum(['verify', 'rebuild']).default('verify') }).meta({ id: 'Sync' });

interface SyncHandlerDependencies {
  readonly leaderboards: Leaderboards;
  readonly auth: Auth;
}

export function syncHandlers({ leaderboards, auth }: SyncHandlerDependencies) {
  return {
    sync: factory.createHandlers(
      operation({
        id: 'syncLeaderboard',
        tag: 'Operators',
        summary: 'Compare the ranking index with PostgreSQL, or build it anew',
        caller: 'operator',
        success: { 200: { description: 'What was found and done', schema: SyncReportView } },
        errors: ['leaderboard_not_found', 'redis_disabled'],
        body: true,
      }),
      requireOperator(auth),
      validate('param', LeaderboardPath),
      validateOptionalJson(Sync),
      async (c) => {
        const { leaderboard_id: leaderboardId } = c.req.valid('param');
        const report = await syncLeaderboard(leaderboards, { leaderboardId, ...c.req.valid('json') });
        return answerJson(c, toSyncReportView(report));
      },
    ),

    lastReport: factory.createHandlers(
      operation({
        id: 'getLastSyncReport',
        tag: 'Operators',
        summary: 'Read what the last sync of the ranking index found',
        caller: 'operator',
        success: { 200: { description: 'The last report', schema: SyncReportView } },
        errors: ['invalid_request', 'leaderboard_not_found', 'not_found', 'redis_disabled'],
      }),
      requireOperator(auth),
      validate('param', LeaderboardPath),
      async (c) => {
        const report = await getLastReport(leaderboards, c.req.valid('param').leaderboard_id);
        return answerJson(c, toSyncReportView(report));
      },
    ),
  };
}
