import { randomUUID } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import type { Statement } from '../src/db/index.ts';
import { modes } from './harness/modes.ts';
import { createLeaderboard, registerAction, score, submitScore, type VerdictBody } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers } from './harness/players.ts';
import { type Answer, startTestService, type TestService } from './harness/service.ts';

const CAP = Number.MAX_SAFE_INTEGER;

interface Wish {
  readonly score_delta: number;
  readonly reason?: string;
  readonly leaderboard_id?: string;
  readonly action_id?: string;
}

const eventsOf: Statement = {
  name: 'test_adjustment_events',
  text: `
    SELECT kind, score_delta, applied_delta, total_after, capped, max_score, actor, metadata
    FROM score_events WHERE user_id = $1 ORDER BY id`,
};

describe.each(modes)('an adjustment with %s', (mode) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ mode });
  });

  const newPlayer = async (): Promise<InsertedPlayer> => {
    const [player] = await insertPlayers(service.db, 1);
    if (player === undefined) throw new Error('no player was made');
    return player;
  };
  const adjust = async (
    userId: string,
    wish: Wish,
    token: string | undefined = service.keys.operator,
  ): Promise<Answer<VerdictBody>> =>
    await service.request<VerdictBody>(`/v1/admin/users/${userId}/adjustments`, {
      token,
      body: { leaderboard_id: 'global', reason: 'a test', ...wish },
    });
  const audit = async (board: string) =>
    await service.request(`/v1/admin/leaderboards/${board}/audit`, {
      method: 'POST',
      token: service.keys.operator,
    });

  it('that is held at the greatest total is counted as a capped score, once, and none that stops at 0 is', async () => {
    const player = await newPlayer();
    const capped = () => service.metrics.scoresCapped.total;
    const before = capped();
    const action_id = randomUUID();
    await adjust(player.userId, { score_delta: CAP, action_id });
    expect(capped()).toBe(before);
    const over = { score_delta: 1, action_id: randomUUID() };
    expect((await adjust(player.userId, over)).body).toMatchObject({ capped: true });
    expect(capped()).toBe(before + 1);
    expect((await adjust(player.userId, over)).body).toMatchObject({ capped: true });
    expect(capped()).toBe(before + 1);
    await adjust(player.userId, { score_delta: -CAP });
    expect((await adjust(player.userId, { score_delta: -1 })).body).toMatchObject({ capped: true });
    expect(capped()).toBe(before + 1);
  });

  it('adds and takes away, and records why, by whom and how much', async () => {
    const player = await newPlayer();
    const board = await createLeaderboard(service);
    const scored = await score(service, player, 100, { leaderboardId: board });
    const up = await adjust(player.userId, {
      leaderboard_id: board,
      score_delta: 50,
      reason: ' lost match ',
    });
    expect(up).toMatchObject({
      status: 200,
      body: {
        leaderboard_id: board,
        user_id: player.userId,
        score_delta: 50,
        total_score: 150,
        capped: false,
      },
    });
    expect(up.body.score_first_reached_at > scored.score_first_reached_at).toBe(true);
    const down = await adjust(player.userId, { leaderboard_id: board, score_delta: -30 });
    expect(down.body).toMatchObject({
      total_score: 120,
      score_first_reached_at: up.body.score_first_reached_at,
    });
    const actor = expect.stringMatching(/^api_key:[0-9a-f-]{36}$/);
    expect((await service.db.run(eventsOf, [player.userId])).slice(1)).toEqual([
      {
        kind: 'adjustment',
        score_delta: 50,
        applied_delta: 50,
        total_after: 150,
        capped: false,
        max_score: null,
        actor,
        metadata: { reason: 'lost match' },
      },
      expect.objectContaining({ score_delta: -30, applied_delta: -30, total_after: 120 }),
    ]);
    const { body } = await service.request('/v1/users/me/score-events?limit=1', {
      token: player.accessToken,
    });
    expect(body).toMatchObject({
      events: [{ kind: 'adjustment', score_delta: -30, applied_delta: -30, reason: 'a test' }],
    });
  });

  it('stops at 0 and at the cap, and says so', async () => {
    const player = await newPlayer();
    const board = await createLeaderboard(service);
    const wish = { leaderboard_id: board };
    expect((await adjust(player.userId, { ...wish, score_delta: 7 })).body).toMatchObject({ capped: false });
    const emptied = await adjust(player.userId, { ...wish, score_delta: -CAP });
    expect(emptied.body).toMatchObject({ total_score: 0, capped: true });
    const filled = await adjust(player.userId, { ...wish, score_delta: CAP });
    expect(filled.body).toMatchObject({ total_score: CAP, capped: false });
    const beyond = await adjust(player.userId, { ...wish, score_delta: 1 });
    expect(beyond.body).toMatchObject({
      total_score: CAP,
      capped: true,
      score_first_reached_at: filled.body.score_first_reached_at,
    });
    expect((await audit(board)).body).toEqual({ players: 1, mismatched: [] });
  });

  it('below 0 for a player without a score makes one of 0', async () => {
    const player = await newPlayer();
    const board = await createLeaderboard(service);
    const { body } = await adjust(player.userId, { leaderboard_id: board, score_delta: -5 });
    expect(body).toMatchObject({ total_score: 0, capped: true });
  });

  it('happens once for an action id, even when asked for at once', async () => {
    const player = await newPlayer();
    const board = await createLeaderboard(service);
    const wish = { leaderboard_id: board, score_delta: 5, action_id: randomUUID() };
    const answers = await Promise.all(
      Array.from({ length: 10 }, async () => await adjust(player.userId, wish)),
    );
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers.filter(({ headers }) => headers.get('Idempotent-Replayed') === 'true')).toHaveLength(9);
    expect(answers[0]?.body).toMatchObject({ total_score: 5, action_id: wish.action_id });
    expect(await adjust(player.userId, { ...wish, score_delta: 6 })).toMatchObject({
      status: 409,
      body: { code: 'action_already_consumed' },
    });
  });

  it('and an action of the game never answer for each other', async () => {
    const player = await newPlayer();
    const spent = await score(service, player, 5);
    expect(await adjust(player.userId, { score_delta: 5, action_id: spent.action_id })).toMatchObject({
      status: 409,
    });
    const { actionId, actionToken } = await registerAction(service, { userId: player.userId });
    expect(await adjust(player.userId, { score_delta: 5, action_id: actionId })).toMatchObject({
      status: 200,
    });
    expect(await submitScore(service, player, actionToken, 5)).toMatchObject({
      status: 409,
      body: { code: 'action_already_consumed' },
    });
  });

  it('gives equal totals to whoever was adjusted first', async () => {
    const board = await createLeaderboard(service);
    const players = await insertPlayers(service.db, 20);
    for (const [index, { userId, accessToken }] of players.entries()) {
      if (index % 2 === 0) await adjust(userId, { leaderboard_id: board, score_delta: 10 });
      else await score(service, { userId, accessToken }, 10, { leaderboardId: board });
    }
    const { body } = await service.request<{ entries: { user_id: string }[] }>(
      `/v1/leaderboards/${board}?limit=20`,
    );
    expect(body.entries.map(({ user_id }) => user_id)).toEqual(players.map(({ userId }) => userId));
  });

  it.each([
    ['a delta of 0', { score_delta: 0 }, 'score_delta'],
    ['a fraction', { score_delta: 0.5 }, 'score_delta'],
    ['a delta above 2^53 - 1', { score_delta: 2 ** 53 }, 'score_delta'],
    ['an empty reason', { score_delta: 1, reason: ' ' }, 'reason'],
    ['a reason of 501 characters', { score_delta: 1, reason: 'x'.repeat(501) }, 'reason'],
    ['a line break in the reason', { score_delta: 1, reason: 'a\nb' }, 'reason'],
    ['an action id of another form', { score_delta: 1, action_id: 'a b' }, 'action_id'],
    ['a leaderboard id of another form', { score_delta: 1, leaderboard_id: 'A' }, 'leaderboard_id'],
  ])('with %s is refused and names the field', async (_, wish, path) => {
    expect(await adjust(randomUUID(), wish)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ path }] },
    });
  });

  it('is for operators, players and leaderboards that exist', async () => {
    const player = await newPlayer();
    const wish = { score_delta: 1 };
    expect(await adjust(player.userId, wish, player.accessToken)).toMatchObject({ status: 403 });
    expect(await adjust(player.userId, wish, service.keys.gameService)).toMatchObject({ status: 403 });
    expect(await adjust(randomUUID(), wish)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await adjust(player.userId, { ...wish, leaderboard_id: 'nowhere' })).toMatchObject({
      status: 404,
      body: { code: 'leaderboard_not_found' },
    });
  });
});

describe.each(modes)('an audit with %s', (mode) => {
  it('lists whoever has a total that the events do not add up to', async () => {
    const service = await startTestService({ mode });
    const board = await createLeaderboard(service);
    const players = (await insertPlayers(service.db, 1100)).sort((a, b) => (a.userId < b.userId ? -1 : 1));
    const [honest, forged, unrecorded] = [players[0], players[500], players[1099]];
    if (!honest || !forged || !unrecorded) throw new Error('too few players were made');
    await score(service, honest, 10, { leaderboardId: board });
    await score(service, forged, 20, { leaderboardId: board });
    await score(service, unrecorded, 30);
    const forge = 'UPDATE scores SET total_score = 2000 WHERE user_id = $1 AND leaderboard_id = $2';
    await service.db.run({ name: 'test_forge', text: forge }, [forged.userId, board]);
    const insert = 'INSERT INTO scores SELECT $2, $1::uuid, 5, now(), 1, now()';
    await service.db.run({ name: 'test_insert', text: insert }, [unrecorded.userId, board]);

    const audit = async (leaderboardId: string) =>
      await service.request(`/v1/admin/leaderboards/${leaderboardId}/audit`, {
        method: 'POST',
        token: service.keys.operator,
      });
    expect(await audit(board)).toMatchObject({ status: 200 });
    expect((await audit(board)).body).toEqual({
      players: 3,
      mismatched: [
        { user_id: forged.userId, total_score: 2000, events_total: 20 },
        { user_id: unrecorded.userId, total_score: 5, events_total: 0 },
      ],
    });
    expect((await audit('global')).body).toEqual({ players: 1, mismatched: [] });
    expect(await audit('nowhere')).toMatchObject({ status: 404, body: { code: 'leaderboard_not_found' } });
  });
});

it('has no place for an imported score on a leaderboard that does not exist', async () => {
  const { db } = await startTestService();
  const [player] = await insertPlayers(db, 1);
  const text = "INSERT INTO scores SELECT 'nowhere', $1::uuid, 5, now(), 1, now()";
  await expect(db.run({ name: 'test_import', text }, [player?.userId])).rejects.toThrow(/null value/);
});
