import { createTransport, type TransportOptions } from './transport.ts';

export interface Tokens {
  readonly user: { readonly user_id: string; readonly username: string };
  readonly access_token: string;
  readonly expires_in: number;
  readonly refresh_token: string;
}

export interface RegisteredAction {
  readonly action_id: string;
  readonly user_id: string;
  readonly max_score: number;
  readonly expires_at: string;
  readonly action_token: string;
}

export interface Verdict {
  readonly action_id: string;
  readonly score_delta: number;
  readonly total_score: number;
}

export interface Entry {
  readonly rank: number;
  readonly user_id: string;
  readonly username: string;
  readonly total_score: number;
  readonly score_first_reached_at: string;
}

export interface Page {
  readonly total_players: number;
  readonly entries: readonly Entry[];
}

export interface Position {
  readonly total_players: number;
  readonly entry: Entry;
  readonly around: readonly Entry[];
}

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

export interface ActionRequest {
  readonly user_id: string;
  readonly max_score: number;
  readonly action_id: string;
  readonly leaderboard_id: string;
}

export interface ScoreRequest {
  readonly action_token: string;
  readonly score_delta: number;
}

export type Client = ReturnType<typeof createClient>;

/** The calls of the HTTP contract that the game makes. None of them throws. */
export function createClient(options: TransportOptions) {
  const call = createTransport(options);
  const board = (id: string) => `/v1/leaderboards/${encodeURIComponent(id)}`;
  return {
    register: async (body: Credentials) => await call<Tokens>('/v1/auth/register', { body }),
    logIn: async (body: Credentials) => await call<Tokens>('/v1/auth/login', { body }),
    refresh: async (token: string) =>
      await call<Tokens>('/v1/auth/refresh', { body: { refresh_token: token } }),
    registerAction: async (key: string, body: ActionRequest) =>
      await call<RegisteredAction>('/v1/actions', { bearer: key, body }),
    submitScore: async (accessToken: string, body: ScoreRequest) =>
      await call<Verdict>('/v1/scores', { bearer: accessToken, body, kind: 'score' }),
    readPage: async (id: string, limit: number) => await call<Page>(`${board(id)}?limit=${limit}`),
    readPosition: async (id: string, userId: string, around = 0) =>
      await call<Position>(`${board(id)}/users/${userId}?around=${around}`),
    makeBoard: async (key: string, id: string) =>
      await call(`/v1/admin/leaderboards/${encodeURIComponent(id)}`, {
        method: 'PUT',
        bearer: key,
        body: { title: `Demo ${id}` },
      }),
  };
}
