import { v7 as uuidv7 } from 'uuid';

import { signActionToken } from '../../src/actions/index.ts';
import { createAccessTokens } from '../../src/auth/access-token.ts';
import type { HttpRequest } from '../load-generator/request-file.ts';
import type { BenchPostgres } from './postgres.ts';
import { benchSecrets } from './service.ts';

const DAY_SECONDS = 86_400;

/** SQL for the id of the n-th player, the same in every database; playerId says it in TypeScript. */
export const sqlPlayerId = (n: string) =>
  `('00000000-0000-7000-8000-' || lpad(to_hex((${n})::bigint), 12, '0'))::uuid`;

/** SQL for the score of the n-th player: spread over a million by a fixed hash, so that every database has the same. */
export const sqlScore = (n: string) => `((${n}::bigint * 2654435761) % 1000003)`;

export function playerId(n: number): string {
  return `00000000-0000-7000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Fills a migrated database with players 1 to `players`, each with a score, and their buckets balanced by the caller. */
export async function fillPlayers(postgres: BenchPostgres, database: string, players: number): Promise<void> {
  await postgres.query(
    database,
    `INSERT INTO users (id, username) SELECT ${sqlPlayerId('n')}, 'player-' || n FROM generate_series(1, ${players}) AS n;
     INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
     SELECT 'global', ${sqlPlayerId('n')}, ${sqlScore('n')}, timestamptz '2026-01-01' + n * interval '1 second', 1,
       timestamptz '2026-01-01' + n * interval '1 second'
     FROM generate_series(1, ${players}) AS n`,
  );
}

export interface LoggedIn {
  readonly userId: string;
  readonly accessToken: string;
}

/**
 * Gives `count` players, every `step`-th from the first on, a session and an access token, as logging in does but without
 * hashing a password.
 */
export async function logInPlayers(
  postgres: BenchPostgres,
  database: string,
  count: number,
  step = 1,
): Promise<LoggedIn[]> {
  await postgres.query(
    database,
    `INSERT INTO sessions (id, user_id, expires_at)
     SELECT ${sqlPlayerId('n')}, ${sqlPlayerId('n')}, now() + interval '30 days'
     FROM generate_series(1, ${count * step}, ${step}) AS n`,
  );
  const tokens = createAccessTokens([benchSecrets.JWT_SECRET], Date.now);
  const players: LoggedIn[] = [];
  for (let n = 0; n < count; n += 1) {
    const userId = playerId(1 + n * step);
    players.push({ userId, accessToken: await tokens.sign({ userId, sessionId: userId }) });
  }
  return players;
}

/** A score update that no request before it has made: a fresh action of the player's, spent. */
export function toScoreRequest({ userId, accessToken }: LoggedIn, scoreDelta: number): HttpRequest {
  const action = {
    actionId: uuidv7(),
    userId,
    maxScore: scoreDelta,
    expiresAt: Math.floor(Date.now() / 1000) + DAY_SECONDS,
    leaderboardId: 'global',
  };
  const body = {
    action_token: signActionToken(action, benchSecrets.ACTION_TOKEN_SECRET),
    score_delta: scoreDelta,
  };
  const headers = { authorization: `Bearer ${accessToken}` };
  return { method: 'POST', path: '/v1/scores', headers, body: JSON.stringify(body) };
}
