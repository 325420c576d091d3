import { beforeAll, describe, expect, it } from 'vitest';

import { openActionToken, purgeConsumedActions } from '../src/actions/index.ts';
import { modes } from './harness/modes.ts';
import { createLeaderboard, registerAction, submitScore } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from './harness/players.ts';
import { startTestService, type TestService } from './harness/service.ts';
import { testSecrets } from './harness/test-config.ts';

describe.each(modes)('registering an action with %s', (mode) => {
  let service: TestService;
  let player: InsertedPlayer;

  beforeAll(async () => {
    service = await startTestService({ mode });
    const [inserted] = await insertPlayers(service.db, 1);
    if (inserted === undefined) throw new Error('no player');
    player = inserted;
  });

  const register = async (body: object, token = service.keys.gameService) =>
    await service.request('/v1/actions', { token, body });

  it('answers a token for the player, with what it allows and until when', async () => {
    const { status, body } = await register({ user_id: player.userId, max_score: 250 });
    expect(status).toBe(201);
    const claims = openActionToken(String(body['action_token']), [testSecrets.ACTION_TOKEN_SECRET]);
    expect(claims).toMatchObject({ userId: player.userId, maxScore: 250, leaderboardId: 'global' });
    expect(body).toEqual({
      action_id: claims.actionId,
      user_id: player.userId,
      leaderboard_id: 'global',
      max_score: 250,
      expires_at: new Date(claims.expiresAt * 1000).toISOString(),
      action_token: expect.any(String) as string,
    });
    const lifetimeSeconds = claims.expiresAt - service.clock.now() / 1000;
    expect(lifetimeSeconds).toBeGreaterThanOrEqual(300);
    expect(lifetimeSeconds).toBeLessThan(301);
  });

  it("takes the game's own id, and again while it is unspent", async () => {
    const action = { user_id: player.userId, max_score: 5, action_id: 'Level_3-boss' };
    expect(await register(action)).toMatchObject({ status: 201, body: { action_id: 'Level_3-boss' } });
    const { actionToken } = await registerAction(service, {
      userId: player.userId,
      actionId: 'Level_3-boss',
    });
    expect(await submitScore(service, player, actionToken, 1)).toMatchObject({ status: 200 });
    const spent = await register(action);
    expect(spent).toMatchObject({ status: 409, body: { code: 'action_already_consumed' } });
  });

  it('binds the token to another leaderboard', async () => {
    const leaderboardId = await createLeaderboard(service);
    const { body } = await register({ user_id: player.userId, max_score: 5, leaderboard_id: leaderboardId });
    expect(body).toMatchObject({ leaderboard_id: leaderboardId });
  });

  it('takes a user id in upper case', async () => {
    const answer = await register({ user_id: player.userId.toUpperCase(), max_score: 5 });
    expect(answer).toMatchObject({ status: 201, body: { user_id: player.userId } });
  });

  it.each([
    ['an unknown user', { user_id: '00000000-0000-4000-8000-000000000000' }, 404, 'not_found'],
    ['an unknown leaderboard', { leaderboard_id: 'nowhere' }, 404, 'leaderboard_not_found'],
    ['a user id that is none', { user_id: 'me' }, 400, 'invalid_request'],
    ['a max_score of 0', { max_score: 0 }, 400, 'invalid_request'],
    ['a max_score above 2^53 - 1', { max_score: 2 ** 53 }, 400, 'invalid_request'],
    ['an action id with a colon', { action_id: 'a:b' }, 400, 'invalid_request'],
    ['an empty action id', { action_id: '' }, 400, 'invalid_request'],
    ['an action id of 65 characters', { action_id: 'a'.repeat(65) }, 400, 'invalid_request'],
    ['a leaderboard id in upper case', { leaderboard_id: 'Global' }, 400, 'invalid_request'],
    ['an unknown field', { score: 1 }, 400, 'invalid_request'],
  ])('refuses %s', async (_name, change, status, code) => {
    const answer = await register({ user_id: player.userId, max_score: 5, ...change });
    expect(answer).toMatchObject({ status, body: { code } });
  });

  it('is for game services only: neither players nor operators nor strangers', async () => {
    const action = { user_id: player.userId, max_score: 5 };
    expect(await register(action, player.accessToken)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await register(action, service.keys.operator)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    expect(await register(action, 'a key that nobody has')).toMatchObject({ status: 401 });
  });

  it('forgets a spent action only when no valid token for it can exist', async () => {
    const insert = {
      name: 'test_consume',
      text: `
      INSERT INTO consumed_actions (action_id, user_id, leaderboard_id, score_delta, event_id, expires_at)
      SELECT 'old-' || age, $1, 'global', 1, 0, now() - make_interval(secs => age) FROM unnest($2::int[]) AS age`,
    };
    await service.db.run(insert, [player.userId, [10, 350, 370, 3500, 3700]]);
    const left = async () =>
      (
        await service.db.run<{ id: string }>(
          {
            name: 'test_left',
            text: "SELECT action_id AS id FROM consumed_actions WHERE action_id LIKE 'old-%'",
          },
          [],
        )
      )
        .map(({ id }) => id)
        .sort();

    await purgeConsumedActions({ db: service.db, config: service.config });
    expect(await left()).toEqual(['old-10', 'old-350', 'old-3500', 'old-370']);
    const config = { ...service.config, consumedActionRetentionSeconds: 0 };
    await purgeConsumedActions({ db: service.db, config });
    expect(await left()).toEqual(['old-10', 'old-350']);
  });

  it('forgets many spent actions in small batches', async () => {
    const insert = {
      name: 'test_consume_many',
      text: `
      INSERT INTO consumed_actions (action_id, user_id, leaderboard_id, score_delta, event_id, expires_at)
      SELECT 'many-' || n, $1, 'global', 1, 0, now() - interval '2 days' FROM generate_series(1, 1200) AS n`,
    };
    await service.db.run(insert, [player.userId]);
    expect(await purgeConsumedActions({ db: service.db, config: service.config })).toBeGreaterThanOrEqual(
      1200,
    );
    const again = signTestAction(player.userId);
    expect(await submitScore(service, player, again, 1)).toMatchObject({ status: 200 });
  });
});
