import { randomUUID } from 'node:crypto';

import { expect } from 'vitest';

import { type Answer, type TestService, untilIndexed } from './service.ts';

export interface TestPlayer {
  readonly userId: string;
  readonly username: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface TokensBody {
  readonly user: { readonly user_id: string; readonly username: string; readonly created_at: string };
  readonly access_token: string;
  readonly token_type: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

export interface VerdictBody {
  readonly leaderboard_id: string;
  readonly user_id: string;
  readonly action_id: string;
  readonly score_delta: number;
  readonly total_score: number;
  readonly score_first_reached_at: string;
  readonly capped: boolean;
  readonly rank: number | null;
}

export interface EntryBody {
  readonly rank: number;
  readonly user_id: string;
  readonly username: string;
  readonly total_score: number;
  readonly score_first_reached_at: string;
}

export interface PageBody {
  readonly leaderboard_id: string;
  readonly total_players: number;
  readonly entries: readonly EntryBody[];
}

export interface PositionBody {
  readonly leaderboard_id: string;
  readonly total_players: number;
  readonly entry: EntryBody;
  readonly around: readonly EntryBody[];
}

/** A name that nobody else in the store has. */
export function uniqueUsername(): string {
  return `player-${randomUUID().slice(0, 13)}`;
}

export async function registerPlayer(service: TestService, username = uniqueUsername()): Promise<TestPlayer> {
  const password = `password of ${username}`;
  const { status, body } = await service.request<TokensBody>('/v1/auth/register', {
    body: { username, password },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return {
    userId: body.user.user_id,
    username: body.user.username,
    password,
    accessToken: body.access_token,
    refreshToken: body.refresh_token,
  };
}

interface ActionOptions {
  readonly userId: string;
  readonly maxScore?: number;
  readonly actionId?: string;
  readonly leaderboardId?: string;
}

interface RegisteredActionBody {
  readonly action_id: string;
  readonly action_token: string;
  readonly expires_at: string;
}

export interface TestAction {
  readonly actionId: string;
  readonly actionToken: string;
  readonly expiresAt: string;
}

/** As the game's server does: `maxScore` is 100 unless given. */
export async function registerAction(service: TestService, options: ActionOptions): Promise<TestAction> {
  const { userId, maxScore = 100, actionId, leaderboardId } = options;
  const { status, body } = await service.request<RegisteredActionBody>('/v1/actions', {
    token: service.keys.gameService,
    body: { user_id: userId, max_score: maxScore, action_id: actionId, leaderboard_id: leaderboardId },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  return { actionId: body.action_id, actionToken: body.action_token, expiresAt: body.expires_at };
}

/** Spends a token and returns whatever the service answers. */
export async function submitScore(
  service: TestService,
  player: Pick<TestPlayer, 'accessToken'>,
  actionToken: string,
  scoreDelta: number,
): Promise<Answer<VerdictBody>> {
  return await service.request<VerdictBody>('/v1/scores', {
    token: player.accessToken,
    body: { action_token: actionToken, score_delta: scoreDelta },
  });
}

/** Registers an action and spends it at once. */
export async function score(
  service: TestService,
  player: Pick<TestPlayer, 'userId' | 'accessToken'>,
  scoreDelta: number,
  options: { actionId?: string; leaderboardId?: string } = {},
): Promise<VerdictBody> {
  const { actionToken } = await registerAction(service, {
    userId: player.userId,
    maxScore: scoreDelta,
    ...options,
  });
  const { status, body } = await submitScore(service, player, actionToken, scoreDelta);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
}

/** A leaderboard that no other test uses; returns its id. */
export async function createLeaderboard(service: TestService): Promise<string> {
  const id = `board-${randomUUID()}`;
  const { status, body } = await service.request(`/v1/admin/leaderboards/${id}`, {
    method: 'PUT',
    token: service.keys.operator,
    body: { title: 'Of a test' },
  });
  expect(status, JSON.stringify(body)).toBe(201);
  if (service.redis !== undefined) await untilIndexed(service, id);
  return id;
}
