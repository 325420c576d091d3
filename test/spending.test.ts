import { createHmac } from 'node:crypto';

import { beforeAll, describe, expect, it } from 'vitest';

import { type ActionClaims, signActionToken } from '../src/actions/index.ts';
import type { Statement } from '../src/db/index.ts';
import { createApplyBatch } from '../src/scores/apply-batch.ts';
import { modes } from './harness/modes.ts';
import { createLeaderboard, registerAction, score, submitScore, type VerdictBody } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers } from './harness/players.ts';
import { sourceOf, startTestService, type TestService } from './harness/service.ts';
import { testSecrets } from './harness/test-config.ts';

const MAX = Number.MAX_SAFE_INTEGER;

const events: Statement = {
  name: 'test_events',
  text: `
    SELECT action_id AS "actionId", kind, score_delta AS "scoreDelta", applied_delta AS "appliedDelta",
           total_after AS "totalAfter", capped, max_score AS "maxScore"
    FROM score_events WHERE user_id = $1 ORDER BY id`,
};

describe.each(modes)('spending an action with %s', (mode) => {
  let service: TestService;
  let player: InsertedPlayer;
  let other: InsertedPlayer;

  beforeAll(async () => {
    service = await startTestService({ mode });
  });

  const newPlayers = async () => {
    const [a, b] = await insertPlayers(service.db, 2);
    if (!a || !b) throw new Error('no players');
    [player, other] = [a, b];
  };

  const claimsFor = (change: Partial<ActionClaims> = {}): ActionClaims => ({
    actionId: crypto.randomUUID(),
    userId: player.userId,
    maxScore: 100,
    expiresAt: Math.ceil(service.clock.now() / 1000) + 300,
    leaderboardId: 'global',
    ...change,
  });
  const sign = (change: Partial<ActionClaims> = {}): string =>
    signActionToken(claimsFor(change), testSecrets.ACTION_TOKEN_SECRET);

  it('adds to the score, records the event and answers the verdict', async () => {
    await newPlayers();
    const action = await registerAction(service, { userId: player.userId, maxScore: 100 });
    const { status, body, headers } = await submitScore(service, player, action.actionToken, 80);
    expect(status).toBe(200);
    expect(body).toEqual({
      leaderboard_id: 'global',
      user_id: player.userId,
      action_id: action.actionId,
      score_delta: 80,
      total_score: 80,
      score_first_reached_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      capped: false,
      rank: service.redis === undefined ? null : 1,
    });
    expect(headers.get('Idempotent-Replayed')).toBeNull();
    expect(await service.db.run(events, [player.userId])).toEqual([
      {
        actionId: action.actionId,
        kind: 'action',
        scoreDelta: 80,
        appliedDelta: 80,
        totalAfter: 80,
        capped: false,
        maxScore: 100,
      },
    ]);
  });

  it('ranks a score whose first answer was lost when it is sent again', async () => {
    await newPlayers();
    const claims = claimsFor();
    const lost = createApplyBatch(service.db);
    await lost([{ ...claims, scoreDelta: 70 }], 2000);
    const token = signActionToken(claims, testSecrets.ACTION_TOKEN_SECRET);
    const { status, body } = await submitScore(service, player, token, 70);
    expect(status).toBe(200);
    expect(body).toMatchObject({ total_score: 70 });
    const path = `/v1/leaderboards/global/users/${player.userId}`;
    expect(await service.request(path)).toMatchObject({ status: 200, body: { entry: { total_score: 70 } } });
    const { headers } = await service.request(path);
    expect(headers.get('X-Leaderboard-Source')).toBe(sourceOf(service));
  });

  it('returns the first verdict when the same is sent again, and scores once (EDGE-006)', async () => {
    await newPlayers();
    const token = sign();
    const first = await submitScore(service, player, token, 50);
    await score(service, player, 7);
    const again = await submitScore(service, player, token, 50);
    expect(again).toMatchObject({ status: 200, text: first.text });
    expect(again.headers.get('Idempotent-Replayed')).toBe('true');
    expect(await service.db.run(events, [player.userId])).toHaveLength(2);
  });

  it('refuses the same action with another delta', async () => {
    await newPlayers();
    const token = sign();
    await submitScore(service, player, token, 50);
    const again = await submitScore(service, player, token, 51);
    expect(again).toMatchObject({ status: 409, body: { code: 'action_already_consumed' } });
  });

  it('refuses the same action on another leaderboard, and by another player', async () => {
    await newPlayers();
    const actionId = crypto.randomUUID();
    const leaderboardId = await createLeaderboard(service);
    await submitScore(service, player, sign({ actionId }), 5);
    const elsewhere = await submitScore(service, player, sign({ actionId, leaderboardId }), 5);
    expect(elsewhere).toMatchObject({ status: 409, body: { code: 'action_already_consumed' } });
    const stolen = await submitScore(service, other, sign({ actionId, userId: other.userId }), 5);
    expect(stolen).toMatchObject({ status: 409, body: { code: 'action_already_consumed' } });
  });

  it('scores on the leaderboard that the token names, apart from the others', async () => {
    await newPlayers();
    const leaderboardId = await createLeaderboard(service);
    const there = await submitScore(service, player, sign({ leaderboardId }), 5);
    const global = await submitScore(service, player, sign(), 9);
    expect(there.body).toMatchObject({ leaderboard_id: leaderboardId, total_score: 5 });
    expect(global.body).toMatchObject({ leaderboard_id: 'global', total_score: 9 });
  });

  it('stops at 2^53 - 1, says so, and records what was really added (EDGE-005)', async () => {
    await newPlayers();
    await submitScore(service, player, sign({ maxScore: MAX }), MAX - 3);
    const capped = await submitScore(service, player, sign({ maxScore: MAX }), 10);
    expect(capped.body).toMatchObject({ total_score: MAX, score_delta: 10, capped: true });
    const beyond = await submitScore(service, player, sign({ maxScore: MAX }), MAX);
    expect(beyond.body).toMatchObject({ total_score: MAX, capped: true });
    expect(beyond.body.score_first_reached_at).toBe(capped.body.score_first_reached_at);
    const recorded = await service.db.run<{ appliedDelta: number }>(events, [player.userId]);
    expect(recorded.map(({ appliedDelta }) => appliedDelta)).toEqual([MAX - 3, 3, 0]);
  });

  it.each([
    ['a token in another form', (): string => 'nonsense', 1, 400, 'action_token_malformed'],
    [
      'a token of a leaderboard that does not exist',
      () => sign({ leaderboardId: 'nowhere' }),
      1,
      400,
      'action_token_malformed',
    ],
    [
      'a forged token',
      () => signActionToken(claimsFor(), 'another secret of thirty-two bytes'),
      1,
      403,
      'action_token_invalid',
    ],
    [
      'an expired token',
      () => sign({ expiresAt: Math.floor(service.clock.now() / 1000) }),
      1,
      410,
      'action_token_expired',
    ],
    ["another player's token", () => sign({ userId: other.userId }), 1, 403, 'action_token_wrong_user'],
    ['a delta above max_score', () => sign({ maxScore: 10 }), 11, 422, 'score_delta_exceeds_max'],
  ] as const)('refuses %s', async (_name, makeToken, delta, status, code) => {
    await newPlayers();
    const answer = await submitScore(service, player, makeToken(), delta);
    expect(answer).toMatchObject({ status, body: { code } });
    expect(await service.db.run(events, [player.userId])).toEqual([]);
  });

  it('checks in the order of the specification: form, signature, expiry, player, score', async () => {
    await newPlayers();
    const worst = { expiresAt: 1, userId: other.userId, maxScore: 1 };
    const refusals = [
      'x',
      signActionToken(claimsFor(worst), 'another secret of thirty-two bytes'),
      sign(worst),
      sign({ userId: other.userId, maxScore: 1 }),
      sign({ maxScore: 1 }),
    ].map(async (token) => (await submitScore(service, player, token, 2)).body);
    expect(
      (await Promise.all(refusals)).map((body) => (body as VerdictBody & { code: string }).code),
    ).toEqual([
      'action_token_malformed',
      'action_token_invalid',
      'action_token_expired',
      'action_token_wrong_user',
      'score_delta_exceeds_max',
    ]);
  });

  it.each([
    ['no score_delta', { action_token: 'x' }, 'score_delta'],
    ['a score_delta of 0', { action_token: 'x', score_delta: 0 }, 'score_delta'],
    ['a negative score_delta', { action_token: 'x', score_delta: -1 }, 'score_delta'],
    ['a fraction', { action_token: 'x', score_delta: 1.5 }, 'score_delta'],
    ['a score_delta as text', { action_token: 'x', score_delta: '1' }, 'score_delta'],
    ['a score_delta above 2^53 - 1', '{"action_token":"x","score_delta":9007199254740992}', 'score_delta'],
    ['no action_token', { score_delta: 1 }, 'action_token'],
    ['an action_token that is a number', { action_token: 1, score_delta: 1 }, 'action_token'],
  ])('answers 400 to %s, naming the field', async (_name, body, field) => {
    await newPlayers();
    const answer = await service.request('/v1/scores', { token: player.accessToken, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(answer.body).toMatchObject({ errors: [{ path: field }] });
  });

  it('refuses a field that it does not know', async () => {
    await newPlayers();
    const body = { action_token: 'x', score_delta: 1, total_score: 1_000_000 };
    const answer = await service.request('/v1/scores', { token: player.accessToken, body });
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('needs a player: neither nobody nor a game service may spend', async () => {
    await newPlayers();
    const body = { action_token: sign(), score_delta: 1 };
    expect(await service.request('/v1/scores', { body })).toMatchObject({ status: 401 });
    const asService = await service.request('/v1/scores', { body, token: service.keys.gameService });
    expect(asService).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('refuses a player who was deleted', async () => {
    await newPlayers();
    const warm = await submitScore(service, player, sign(), 1);
    expect(warm.status).toBe(200);
    await service.db.run({ name: 'test_delete', text: 'DELETE FROM users WHERE id = $1' }, [player.userId]);
    const late = await submitScore(service, player, sign(), 1);
    expect(late).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
  });

  it('accepts a token signed by the contract, whoever computed it', async () => {
    await newPlayers();
    const expiresAt = Math.ceil(service.clock.now() / 1000) + 60;
    const base64 = Buffer.from(`quest-${player.userId}:${player.userId}:10:${expiresAt}`).toString('base64');
    const hmac = createHmac('sha256', testSecrets.ACTION_TOKEN_SECRET).update(base64).digest('hex');
    const answer = await submitScore(service, player, `${base64}:${hmac}`, 10);
    expect(answer).toMatchObject({
      status: 200,
      body: { action_id: `quest-${player.userId}`, total_score: 10 },
    });
  });
});
