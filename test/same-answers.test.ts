import { beforeAll, describe, expect, it } from 'vitest';

import { insertPlayers, type InsertedPlayer } from './harness/players.ts';
import { createLeaderboard, score } from './harness/play.ts';
import { startTestService, type TestService, untilIndexed } from './harness/service.ts';

const PLAYERS = 23;

describe('the same request is answered with the same bytes', () => {
  let withRedis: TestService;
  let without: TestService;
  let board: string;
  let empty: string;
  let players: InsertedPlayer[];

  beforeAll(async () => {
    withRedis = await startTestService({ mode: 'PostgreSQL and Redis' });
    without = await startTestService({ db: withRedis.db });
    board = await createLeaderboard(withRedis);
    empty = await createLeaderboard(withRedis);
    players = await insertPlayers(withRedis.db, PLAYERS);
    for (const [n, player] of players.entries()) {
      await score(withRedis, player, 1 + (n % 4), { leaderboardId: board });
    }
    await untilIndexed(withRedis, board);
  });

  const askBoth = async (path: string, token?: string) => {
    const [indexed, plain] = await Promise.all(
      [withRedis, without].map(async (service) => await service.request(path, { token })),
    );
    if (indexed === undefined || plain === undefined) throw new Error('nobody answered');
    return { indexed, plain };
  };

  const expectSame = async (path: string, token?: string) => {
    const { indexed, plain } = await askBoth(path, token);
    expect(indexed.headers.get('X-Leaderboard-Source'), path).toBe('redis');
    expect(plain.headers.get('X-Leaderboard-Source'), path).toBe('postgres');
    expect(indexed.text, path).toBe(plain.text);
    expect(indexed.headers.get('ETag'), path).toBe(plain.headers.get('ETag'));
  };

  it('for every page', async () => {
    for (const offset of [0, 1, 7, PLAYERS - 1, PLAYERS, 1000, Number.MAX_SAFE_INTEGER]) {
      for (const limit of [1, 5, 100]) {
        await expectSame(`/v1/leaderboards/${board}?limit=${limit}&offset=${offset}`);
      }
    }
    await expectSame(`/v1/leaderboards/${empty}`);
  });

  it('for every position, a stranger asking or the player', async () => {
    for (const { userId, accessToken } of players) {
      for (const around of [0, 3, 50]) {
        await expectSame(`/v1/leaderboards/${board}/users/${userId}?around=${around}`);
        await expectSame(`/v1/leaderboards/${board}/users/me?around=${around}`, accessToken);
      }
    }
  });

  it('for what is not there', async () => {
    const [unranked] = await insertPlayers(withRedis.db, 1);
    const nobody = '00000000-0000-7000-8000-000000000000';
    for (const path of [
      `/v1/leaderboards/nowhere`,
      `/v1/leaderboards/${board}/users/${unranked?.userId}`,
      `/v1/leaderboards/${board}/users/${nobody}`,
    ]) {
      const { indexed, plain } = await askBoth(path);
      const toProblem = ({ status, body }: typeof plain) => ({ status, ...body, request_id: undefined });
      expect(indexed.status).toBe(404);
      expect(toProblem(indexed)).toEqual(toProblem(plain));
    }
  });
});
