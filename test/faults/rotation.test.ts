import { setTimeout as pace } from 'node:timers/promises';

import { describe, expect, it } from 'vitest';

import { secretNames } from '../../src/config.ts';
import { createTestDatabase } from '../harness/database.ts';
import { uniqueUsername } from '../harness/play.ts';
import { type Balancer, balance, isSuccess } from '../harness/rolling-restart.ts';
import { testSecrets } from '../harness/test-config.ts';
import { until } from '../harness/until.ts';

type SecretValues = Readonly<Record<(typeof secretNames)[number], string>>;

const old: SecretValues = testSecrets;
const fresh: SecretValues = {
  JWT_SECRET: 'jwt-secret-after-the-rotation-0123456789',
  ACTION_TOKEN_SECRET: 'action-token-secret-after-the-rotation-0123456789',
  GAME_SERVICE_API_KEY: 'game-service-key-after-the-rotation',
  ADMIN_API_KEY: 'operator-key-after-the-rotation',
};

/** Every secret as a list: the first signs, all are accepted. */
function lists(...values: readonly SecretValues[]): Record<string, string> {
  return Object.fromEntries(secretNames.map((name) => [name, values.map((value) => value[name]).join(',')]));
}

interface Player {
  readonly userId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

interface TokensBody {
  readonly user: { readonly user_id: string };
  readonly access_token: string;
  readonly refresh_token: string;
}

function toPlayer({ user, access_token, refresh_token }: TokensBody): Player {
  return { userId: user.user_id, accessToken: access_token, refreshToken: refresh_token };
}

async function registerPlayer({ send }: Balancer): Promise<Player> {
  const body = { username: uniqueUsername(), password: 'a long password' };
  return toPlayer((await send('/v1/auth/register', { body })).body as TokensBody);
}

async function registerAction({ send }: Balancer, userId: string, gameKey: string): Promise<string> {
  const answer = await send('/v1/actions', { token: gameKey, body: { user_id: userId, max_score: 100 } });
  return (answer.body as { action_token: string }).action_token;
}

interface Traffic {
  /** Every answer that was no success. */
  readonly failures: readonly string[];
  /** What the game's servers and operators use; the test hands out new ones as an operator does. */
  readonly keys: { game: string; operator: string };
  /** Resolves when each client has had its tokens anew since the call. */
  renewed(): Promise<void>;
  stop(): Promise<void>;
}

const CLIENTS = 4;
const PACE_MS = 25;

/** Players who refresh their tokens and score, a game that registers their actions, an operator: at any process. */
async function startTraffic(service: Balancer): Promise<Traffic> {
  const failures: string[] = [];
  const keys = { game: old.GAME_SERVICE_API_KEY, operator: old.ADMIN_API_KEY };
  const rounds = Array.from({ length: CLIENTS }, () => 0);
  const stopping = new AbortController();
  const checked: Balancer['send'] = async (path, request) => {
    const answer = await service.send(path, request);
    if (!isSuccess(answer.status)) failures.push(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    await pace(PACE_MS);
    return answer;
  };
  const traffic: Balancer = { ...service, send: checked };
  const playRound = async ({ refreshToken }: Player): Promise<Player> => {
    const renewal = await checked('/v1/auth/refresh', { body: { refresh_token: refreshToken } });
    const player = toPlayer(renewal.body as TokensBody);
    const actionToken = await registerAction(traffic, player.userId, keys.game);
    const spending = { action_token: actionToken, score_delta: 7 };
    await checked('/v1/scores', { token: player.accessToken, body: spending });
    const board = { method: 'PUT', token: keys.operator, body: { title: 'Seen by an operator' } };
    await checked('/v1/admin/leaderboards/rotation', board);
    return player;
  };
  const players = await Promise.all(rounds.map(async () => await registerPlayer(service)));
  const clients = players.map(async (first, n) => {
    let player = first;
    while (!stopping.signal.aborted && failures.length === 0) {
      player = await playRound(player).catch((error: unknown) => {
        failures.push(String(error));
        return player;
      });
      rounds[n] = (rounds[n] ?? 0) + 1;
    }
  });
  return {
    failures,
    keys,
    renewed: async () => {
      const before = [...rounds];
      const isRenewed = () => rounds.every((count, n) => count >= (before[n] ?? 0) + 2);
      await until('every client has new tokens', () => failures.length > 0 || isRenewed(), {
        timeoutMs: 60_000,
      });
    },
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
    },
  };
}

describe('every secret is replaced', () => {
  it('in three deployments to two processes, and no request fails', { timeout: 300_000 }, async () => {
    const { url } = await createTestDatabase();
    const deploy = (secrets: Record<string, string>) => ({ DATABASE_URL: url, ...secrets });
    const service = await balance(2, deploy(lists(old)));
    const idle = await registerPlayer(service);
    const unspent = await registerAction(service, idle.userId, old.GAME_SERVICE_API_KEY);
    const traffic = await startTraffic(service);
    await traffic.renewed();

    await service.restartEach(deploy(lists(old, fresh)));
    traffic.keys.game = fresh.GAME_SERVICE_API_KEY;
    traffic.keys.operator = fresh.ADMIN_API_KEY;
    await traffic.renewed();

    await service.restartEach(deploy(lists(fresh, old)));
    await traffic.renewed();
    expect((await service.send('/v1/users/me', { token: idle.accessToken })).status).toBe(200);

    await service.restartEach(deploy(lists(fresh)));
    await traffic.renewed();
    await traffic.stop();
    expect(traffic.failures).toEqual([]);

    await assertOldIsRefused(service, idle, unspent);
  });

  it('with a gap when the new one signs before every process knows it', { timeout: 120_000 }, async () => {
    const { url } = await createTestDatabase();
    const [before, after] = await Promise.all([
      balance(1, { DATABASE_URL: url, ...lists(old) }),
      balance(1, { DATABASE_URL: url, ...lists(fresh, old) }),
    ]);
    const player = await registerPlayer(after);
    expect((await before.send('/v1/users/me', { token: player.accessToken })).status).toBe(401);
  });
});

/** What was signed or handed out before the rotation is worth nothing after it. */
async function assertOldIsRefused(service: Balancer, idle: Player, unspent: string): Promise<void> {
  const { send } = service;
  expect((await send('/v1/users/me', { token: idle.accessToken })).status).toBe(401);
  expect((await send('/v1/auth/refresh', { body: { refresh_token: idle.refreshToken } })).status).toBe(401);
  const asGame = { token: old.GAME_SERVICE_API_KEY, body: { user_id: idle.userId, max_score: 1 } };
  expect((await send('/v1/actions', asGame)).status).toBe(401);
  const asOperator = { method: 'PUT', token: old.ADMIN_API_KEY, body: { title: 'Refused' } };
  expect((await send('/v1/admin/leaderboards/rotation', asOperator)).status).toBe(401);

  const { accessToken } = await registerPlayer(service);
  const spending = { action_token: unspent, score_delta: 1 };
  const answer = await send('/v1/scores', { token: accessToken, body: spending });
  expect(answer).toMatchObject({ status: 403, body: { code: 'action_token_invalid' } });
}
