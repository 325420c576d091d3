import { beforeAll, describe, expect, it } from 'vitest';

import type { Statement } from '../src/db/index.ts';
import { modes } from './harness/modes.ts';
import { createLeaderboard, type PageBody, type PositionBody, submitScore } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from './harness/players.ts';
import { startTestService, type TestService, sourceOf, syncIndex } from './harness/service.ts';

/** Scores with every kind of tie: in the score alone, and in the microsecond too. */
const insertScores: Statement = {
  name: 'test_insert_scores',
  text: `
    WITH input AS (
      SELECT * FROM unnest($2::uuid[]) WITH ORDINALITY AS t (user_id, n)
    )
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT $1, user_id, 10 * (n / 6), timestamptz '2026-01-01' + (n / 2 % 3) * interval '1 microsecond', 1, now()
    FROM input`,
};

const plainOrder: Statement = {
  name: 'test_plain_order',
  text: `
    SELECT user_id AS "userId" FROM scores WHERE leaderboard_id = $1
    ORDER BY total_score DESC, score_first_reached_at ASC, user_id DESC`,
};

describe.each(modes)('a leaderboard with %s', (mode) => {
  let service: TestService;
  let board: string;
  let players: InsertedPlayer[];
  let order: string[];

  beforeAll(async () => {
    service = await startTestService({ mode });
    board = await createLeaderboard(service);
    players = await insertPlayers(service.db, 60);
    await service.db.run(insertScores, [board, players.map(({ userId }) => userId)]);
    await syncIndex(service, board);
    order = (await service.db.run<{ userId: string }>(plainOrder, [board])).map(({ userId }) => userId);
  });

  const readPage = async (query = '', headers: Record<string, string> = {}) =>
    await service.request<PageBody>(`/v1/leaderboards/${board}${query}`, { headers });
  const readPosition = async (userId: string, query = '', token?: string) =>
    await service.request<PositionBody>(`/v1/leaderboards/${board}/users/${userId}${query}`, { token });

  it('shows the best ten by default, with ranks and the number of players', async () => {
    const { status, body, headers } = await readPage();
    expect(status).toBe(200);
    expect(body.total_players).toBe(60);
    expect(body.entries.map(({ user_id }) => user_id)).toEqual(order.slice(0, 10));
    expect(body.entries.map(({ rank }) => rank)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(headers.get('X-Leaderboard-Source')).toBe(sourceOf(service));
    expect(body.entries[0]).toEqual({
      rank: 1,
      user_id: order[0],
      username: `p-${order[0]}`,
      total_score: 100,
      score_first_reached_at: '2026-01-01T00:00:00.000000Z',
    });
  });

  it('shows every player once, page after page, in one order', async () => {
    const seen: string[] = [];
    for (let offset = 0; offset < 60; offset += 7) {
      const { body } = await readPage(`?limit=7&offset=${offset}`);
      expect(body.entries[0]?.rank).toBe(offset + 1);
      seen.push(...body.entries.map(({ user_id }) => user_id));
    }
    expect(seen).toEqual(order);
  });

  it('shows an empty page beyond the end, and of a leaderboard without players', async () => {
    expect((await readPage('?offset=60')).body).toEqual({
      leaderboard_id: board,
      total_players: 60,
      entries: [],
    });
    expect((await readPage('?offset=9007199254740991')).status).toBe(200);
    const empty = await createLeaderboard(service);
    const { body } = await service.request(`/v1/leaderboards/${empty}`);
    expect(body).toEqual({ leaderboard_id: empty, total_players: 0, entries: [] });
  });

  it('gives every player the rank of the plain order, with the right neighbours', async () => {
    for (const [index, userId] of order.entries()) {
      const { status, body } = await readPosition(userId, '?around=4');
      expect(status).toBe(200);
      expect(body.total_players).toBe(60);
      expect(body.entry).toMatchObject({ rank: index + 1, user_id: userId });
      const from = Math.max(0, index - 4);
      expect(body.around.map(({ user_id }) => user_id)).toEqual(order.slice(from, index + 5));
      expect(body.around.map(({ rank }) => rank)).toEqual(body.around.map((_, place) => from + place + 1));
    }
  });

  it('shows the player alone without neighbours asked for', async () => {
    const { body } = await readPosition(order[5] ?? '');
    expect(body.around).toEqual([body.entry]);
  });

  it('knows the caller as "me", and only with an access token', async () => {
    const [player] = players;
    const mine = await readPosition('me', '', player?.accessToken);
    expect(mine.body.entry.user_id).toBe(player?.userId);
    expect(await readPosition('me')).toMatchObject({ status: 401, body: { code: 'unauthenticated' } });
    expect(await readPosition('me', '', service.keys.gameService)).toMatchObject({ status: 403 });
    expect(await readPosition(order[0] ?? '', '', 'any credential')).toMatchObject({ status: 200 });
  });

  it('tells a player without a score from one who does not exist, and from a missing leaderboard', async () => {
    const [unranked] = await insertPlayers(service.db, 1);
    expect(await readPosition(unranked?.userId ?? '')).toMatchObject({
      status: 404,
      body: { code: 'not_ranked' },
    });
    const nobody = await readPosition('00000000-0000-4000-8000-000000000000');
    expect(nobody).toMatchObject({ status: 404, body: { code: 'not_found' } });
    for (const path of ['/v1/leaderboards/nowhere', `/v1/leaderboards/nowhere/users/${order[0]}`]) {
      expect(await service.request(path)).toMatchObject({
        status: 404,
        body: { code: 'leaderboard_not_found' },
      });
    }
  });

  it.each([
    '?limit=0',
    '?limit=101',
    '?limit=1.5',
    '?limit=',
    '?limit=1e1',
    '?limit=-1',
    '?limit=1&limit=2',
    '?offset=-1',
    '?offset=9007199254740992',
  ])('answers 400 to %s, naming the field', async (query) => {
    const answer = await readPage(query);
    const field = query.slice(1, query.indexOf('='));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ path: field }] },
    });
  });

  it.each(['?around=51', '?around=-1', '?around=x'])('answers 400 to a position with %s', async (query) => {
    expect(await readPosition(order[0] ?? '', query)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request' },
    });
  });

  it('answers 304 to a client that has the page, until the page changes', async () => {
    const first = await readPage();
    const etag = first.headers.get('ETag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{40,}"$/);
    const same = await readPage('', { 'If-None-Match': etag });
    expect(same).toMatchObject({ status: 304, text: '' });
    expect(same.headers.get('ETag')).toBe(etag);
    expect(same.headers.get('X-Request-Id')).not.toBeNull();
    expect(await readPage('', { 'If-None-Match': `"other", W/${etag}` })).toMatchObject({ status: 304 });
    expect(await readPage('', { 'If-None-Match': '"other"' })).toMatchObject({ status: 200 });

    const elsewhere = await readPage('', { 'If-None-Match': etag, Origin: 'https://game.example' });
    expect(elsewhere.status).toBe(304);
    expect(elsewhere.headers.get('Access-Control-Allow-Origin')).toBe('*');
    expect(elsewhere.headers.get('Access-Control-Expose-Headers')).toContain('ETag');

    const [winner] = players;
    const token = signTestAction(winner?.userId ?? '', { maxScore: 5000, leaderboardId: board });
    await submitScore(service, { accessToken: winner?.accessToken ?? '' }, token, 5000);
    const changed = await readPage('', { 'If-None-Match': etag });
    expect(changed.status).toBe(200);
    expect(changed.body.entries[0]?.user_id).toBe(winner?.userId);
  });
});

describe('leaderboards', () => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService();
  });

  const put = async (id: string, body: unknown, token = service.keys.operator) =>
    await service.request(`/v1/admin/leaderboards/${id}`, { method: 'PUT', token, body });

  it('are made, renamed and listed, the global one first', async () => {
    expect(await put('weekly', { title: 'This week' })).toMatchObject({
      status: 201,
      body: { title: 'This week' },
    });
    expect(await put('weekly', { title: 'Every week' })).toMatchObject({
      status: 200,
      body: { title: 'Every week' },
    });
    const { body } = await service.request<{ leaderboards: { leaderboard_id: string; title: string }[] }>(
      '/v1/leaderboards',
    );
    expect(body.leaderboards.map(({ leaderboard_id, title }) => [leaderboard_id, title])).toEqual([
      ['global', 'Global'],
      ['weekly', 'Every week'],
    ]);
  });

  it.each([
    ['an id in upper case', 'Weekly', { title: 'x' }],
    ['an id of 65 characters', 'a'.repeat(65), { title: 'x' }],
    ['an id that begins with a dash', '-a', { title: 'x' }],
    ['no title', 'a', {}],
    ['an empty title', 'a', { title: '  ' }],
    ['a title of 101 characters', 'a', { title: 'x'.repeat(101) }],
    ['a title with a NUL', 'a', { title: 'a\u0000b' }],
    ['a title with a lone surrogate', 'a', '{"title":"\\ud800"}'],
    ['an unknown field', 'a', { title: 'x', owner: 'y' }],
  ])('are refused with %s', async (_name, id, body) => {
    expect(await put(id, body)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('are made by operators only', async () => {
    const body = { title: 'x' };
    expect(await put('mine', body, service.keys.gameService)).toMatchObject({ status: 403 });
    const [player] = await insertPlayers(service.db, 1);
    expect(await put('mine', body, player?.accessToken)).toMatchObject({ status: 403 });
  });

  it('may be made by a player whose account is an admin', async () => {
    const [admin] = await insertPlayers(service.db, 1);
    await service.db.run({ name: 'test_promote', text: "UPDATE users SET role = 'admin' WHERE id = $1" }, [
      admin?.userId,
    ]);
    expect(await put('by-admin', { title: 'x' }, admin?.accessToken)).toMatchObject({ status: 201 });
  });
});
