import { Hono } from 'hono';

import { actionHandlers, createActions } from './actions/index.ts';
import { adminHandlers } from './admin/index.ts';
import { authHandlers, createAuth, requirePlayer } from './auth/index.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config.ts';
import type { Database } from './db/index.ts';
import { createDeletion, deletionHandlers } from './deletion/index.ts';
import { accessLog } from './http/access-log.ts';
import { completeAnswers } from './http/answer.ts';
import { crossOrigin } from './http/cross-origin.ts';
import { docsHandlers } from './http/docs-handlers.ts';
import { countAnswers } from './http/count-answers.ts';
import { answerAtEndOfTurn } from './http/answer-at-end-of-turn.ts';
import type { AppEnv } from './http/factory.ts';
import { healthHandlers } from './http/health-handlers.ts';
import { limitBody } from './http/limit-body.ts';
import { metricsHandlers } from './http/metrics-handlers.ts';
import { openApiHandlers } from './http/openapi.ts';
import { onError, onNotFound } from './http/problem.ts';
import { createRateLimits } from './http/rate-limits.ts';
import { rawAnswers } from './http/raw-answers.ts';
import { requestId } from './http/request-id.ts';
import { securityHeaders } from './http/security-headers.ts';
import {
  type BoardChanges,
  leaderboardHandlers,
  type Leaderboards,
  type Rankings,
  syncHandlers,
} from './leaderboards/index.ts';
import { type Live, liveHandlers } from './live/index.ts';
import type { RedisClient } from './redis/index.ts';
import { createScores, scoreHandlers } from './scores/index.ts';
import type { Health } from './telemetry/health.ts';
import type { Logger } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import { userHandlers } from './users/index.ts';
import { readAssets, webHandlers } from './web/index.ts';

export interface AppDependencies {
  readonly config: Config;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly db: Database;
  /** Where all processes count hits and remember sessions together. */
  readonly redis?: RedisClient | undefined;
  /** The order of the boards in Redis, where there is one. */
  readonly rankings?: Rankings | undefined;
  readonly leaderboards: Leaderboards;
  /** Told of every change of a leaderboard. */
  readonly changes: BoardChanges;
  readonly live: Live;
  readonly health: Health;
}

const MAX_BODY_BYTES = 16 * 1024;

/** The route table. */
export function createApp(deps: AppDependencies): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  const auth = createAuth(deps);
  const actions = createActions(deps);
  const scores = createScores(deps);
  const { leaderboards } = deps;
  const limits = createRateLimits(deps);
  const route = {
    auth: authHandlers({ auth, limits }),
    users: userHandlers({ db: deps.db, requirePlayer: requirePlayer(auth), limits }),
    actions: actionHandlers({ actions, auth }),
    scores: scoreHandlers({ db: deps.db, scores, actions, auth, limits }),
    leaderboards: leaderboardHandlers({ leaderboards, auth, limits }),
    sync: syncHandlers({ leaderboards, auth }),
    live: liveHandlers({ live: deps.live, limits, config: deps.config }),
    deletion: deletionHandlers(createDeletion({ ...deps, auth })),
    admin: adminHandlers({ auth, scores }),
    health: healthHandlers(deps.health),
    metrics: metricsHandlers(deps.metrics),
    docs: docsHandlers({ limits }),
    web: webHandlers({ ...deps, leaderboards, limits, assets: readAssets() }),
  };

  app.use(rawAnswers, completeAnswers, requestId, logAndCount(deps), answerAtEndOfTurn);
  app.use(securityHeaders, crossOrigin(deps.config.corsOrigins), limitBody(MAX_BODY_BYTES));
  app.onError(onError);
  app.notFound(onNotFound);

  app.post('/v1/auth/register', ...route.auth.register);
  app.post('/v1/auth/login', ...route.auth.logIn);
  app.post('/v1/auth/refresh', ...route.auth.refresh);
  app.post('/v1/auth/logout', ...route.auth.logOut);

  app.get('/v1/users/me', ...route.users.getProfile);
  app.delete('/v1/users/me', ...route.deletion.deleteMe);
  app.get('/v1/users/me/score-events', ...route.scores.listEvents);
  app.put('/v1/users/me/password', ...route.auth.changePassword);

  app.post('/v1/actions', ...route.actions.register);
  app.post('/v1/scores', ...route.scores.submit);

  app.get('/v1/leaderboards', ...route.leaderboards.list);
  app.get('/v1/leaderboards/:leaderboard_id', ...route.leaderboards.getPage);
  app.get('/v1/leaderboards/:leaderboard_id/users/:user_id', ...route.leaderboards.getPosition);
  app.get('/v1/leaderboards/:leaderboard_id/stream', ...route.live.stream);

  app.put('/v1/admin/leaderboards/:leaderboard_id', ...route.leaderboards.put);
  app.post('/v1/admin/leaderboards/:leaderboard_id/audit', ...route.admin.auditLeaderboard);
  app.post('/v1/admin/leaderboards/:leaderboard_id/sync', ...route.sync.sync);
  app.get('/v1/admin/leaderboards/:leaderboard_id/drift', ...route.sync.lastReport);
  app.delete('/v1/admin/users/:user_id', ...route.deletion.deleteUser);
  app.post('/v1/admin/users/:user_id/adjustments', ...route.admin.adjustScore);
  app.post('/v1/admin/api-keys', ...route.admin.createApiKey);
  app.delete('/v1/admin/api-keys/:api_key_id', ...route.admin.revokeApiKey);

  app.get('/health/live', ...route.health.live);
  app.get('/health/ready', ...route.health.ready);
  app.get('/metrics', ...route.metrics.get);
  app.get('/openapi.json', ...openApiHandlers(app));
  app.get('/docs', ...route.docs.page);
  app.get('/docs/errors', ...route.docs.errors);
  app.get('/docs/assets/:file', ...route.docs.asset);
  app.get('/', ...route.web.board);
  app.get('/assets/:version/:folder/:file', ...route.web.asset);
  return app;
}

function logAndCount({ log, metrics, config }: Pick<AppDependencies, 'log' | 'metrics' | 'config'>) {
  const onAnswered = countAnswers(metrics, {
    'POST /v1/scores': metrics.scoreUpdateLatency,
    'GET /v1/leaderboards/:leaderboard_id': metrics.leaderboardReadLatency,
    'GET /v1/leaderboards/:leaderboard_id/users/:user_id': metrics.leaderboardReadLatency,
  });
  return accessLog({ log, trustedProxyHops: config.trustedProxyHops, onAnswered });
}
