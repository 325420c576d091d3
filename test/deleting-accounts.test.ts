import { describe, expect, it } from 'vitest';

import type { Statement } from '../src/db/index.ts';
import { modes } from './harness/modes.ts';
import { nth, spend, startFleet } from './harness/fleet.ts';
import { createLeaderboard, registerPlayer, score } from './harness/play.ts';
import { insertPlayers, signTestAction } from './harness/players.ts';
import { startTestService } from './harness/service.ts';
import { testSecrets } from './harness/test-config.ts';

const traces: Statement = {
  name: 'test_traces',
  text: `
    SELECT (SELECT count(*) FROM users WHERE id = $1) AS users,
           (SELECT count(*) FROM sessions WHERE user_id = $1) AS sessions,
           (SELECT count(*) FROM scores WHERE user_id = $1) AS scores,
           (SELECT count(*) FROM score_events WHERE user_id = $1) AS named_events,
           (SELECT count(*) FROM score_events WHERE action_id = ANY ($2)) AS events,
           (SELECT count(*) FROM removed_scores WHERE user_id = $1) AS removed`,
};

describe.each(modes)('deleting an account with %s', (mode) => {
  it('removes it with its scores and sessions, keeps its events without it, and frees its name (EDGE-004)', async () => {
    const service = await startTestService({ mode });
    const player = await registerPlayer(service);
    const leaderboardId = await createLeaderboard(service);
    const first = await score(service, player, 10);
    const second = await score(service, player, 20, { leaderboardId });

    const gone = await service.request('/v1/users/me', { method: 'DELETE', token: player.accessToken });
    expect(gone).toMatchObject({ status: 204, text: '' });
    expect(await service.db.run(traces, [player.userId, [first.action_id, second.action_id]])).toEqual([
      { users: 0, sessions: 0, scores: 0, named_events: 0, events: 2, removed: 2 },
    ]);
    expect(await service.request('/v1/users/me', { token: player.accessToken })).toMatchObject({
      status: 401,
    });
    const refreshed = await service.request('/v1/auth/refresh', {
      body: { refresh_token: player.refreshToken },
    });
    expect(refreshed).toMatchObject({ status: 401 });
    for (const board of ['global', leaderboardId]) {
      const page = await service.request(`/v1/leaderboards/${board}`);
      expect(page.body).toEqual({ leaderboard_id: board, total_players: 0, entries: [] });
    }
    const again = await registerPlayer(service, player.username);
    expect(again.userId).not.toBe(player.userId);
  });

  it('is for its owner and for operators', async () => {
    const service = await startTestService({ mode });
    const [owner, other] = await insertPlayers(service.db, 2);
    const remove = async (token: string | undefined, userId = owner?.userId ?? '') =>
      await service.request(`/v1/admin/users/${userId}`, { method: 'DELETE', token });
    expect(await remove(undefined)).toMatchObject({ status: 401 });
    expect(await remove(other?.accessToken)).toMatchObject({ status: 403 });
    expect(await remove(service.keys.gameService)).toMatchObject({ status: 403 });
    expect(await remove(service.keys.operator, 'me')).toMatchObject({ status: 400 });
    expect(await remove(service.keys.operator)).toMatchObject({ status: 204 });
    expect(await remove(service.keys.operator)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });
});

const leftovers: Statement = {
  name: 'test_leftovers',
  text: `
    SELECT (SELECT count(*) FROM users WHERE id = ANY ($1::uuid[])) AS users,
           (SELECT count(*) FROM scores) AS scores,
           (SELECT coalesce(sum(players), 0)::bigint FROM score_counts) AS counted,
           (SELECT count(*) FROM score_events WHERE user_id IS NOT NULL) AS named_events`,
};

describe('deleting accounts that are being scored', () => {
  it(
    'ends with none of them, and no failure, for 200 players over 4 processes',
    { timeout: 120_000 },
    async () => {
      const fleet = await startFleet(4);
      const players = await insertPlayers(fleet.db, 200);
      const statuses = new Set<number>();
      const playAndLeave = async (index: number) => {
        const player = nth(players, index);
        const scores = Array.from({ length: 6 }, async (_, n) => {
          const { status } = await spend(
            nth(fleet.processes, index + n),
            player,
            signTestAction(player.userId),
            1,
          );
          statuses.add(status);
        });
        const response = await fetch(`${nth(fleet.processes, index + 2).url}/v1/users/me`, {
          method: 'DELETE',
          headers: { Authorization: `Bearer ${player.accessToken}` },
        });
        expect(response.status).toBe(204);
        await Promise.all(scores);
      };
      for (let from = 0; from < players.length; from += 20) {
        await Promise.all(Array.from({ length: 20 }, async (_, n) => await playAndLeave(from + n)));
      }
      expect([...statuses].filter((status) => status !== 200 && status !== 401)).toEqual([]);
      expect(await fleet.db.run(leftovers, [players.map(({ userId }) => userId)])).toEqual([
        { users: 0, scores: 0, counted: 0, named_events: 0 },
      ]);
      const audit = await fetch(`${nth(fleet.processes, 0).url}/v1/admin/leaderboards/global/audit`, {
        method: 'POST',
        headers: { Authorization: `Bearer ${testSecrets.ADMIN_API_KEY}` },
      });
      expect(await audit.json()).toEqual({ players: 0, mismatched: [] });
    },
  );
});

describe('deleting an account with a long history', () => {
  it('keeps every event, without the name', { timeout: 120_000 }, async () => {
    const service = await startTestService();
    const [player] = await insertPlayers(service.db, 1);
    const events = 25_001;
    const text = `
      INSERT INTO score_events (leaderboard_id, user_id, action_id, kind, score_delta, applied_delta, total_after,
        score_first_reached_at, capped)
      SELECT 'global', $1::uuid, 'a' || n, 'action', 1, 1, n, now(), false FROM generate_series(1, ${events}) AS n`;
    await service.db.run({ name: 'test_history', text }, [player?.userId]);
    const answer = await service.request('/v1/users/me', { method: 'DELETE', token: player?.accessToken });
    expect(answer).toMatchObject({ status: 204 });
    const count = 'SELECT count(*) AS count, count(user_id) AS named FROM score_events';
    expect(await service.db.run({ name: 'test_count', text: count }, [])).toEqual([
      { count: events, named: 0 },
    ]);
  });
});
