import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { createApplyBatch } from '../../src/scores/apply-batch.ts';
import type { ScoreUpdate } from '../../src/scores/score.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { nth, spend, startFleet } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { retried } from '../harness/retried.ts';

let actions = 0;

function updateOf({ userId }: InsertedPlayer): ScoreUpdate {
  actions += 1;
  return {
    leaderboardId: 'global',
    userId,
    actionId: `a-${actions}`,
    scoreDelta: 1,
    maxScore: 1,
    expiresAt: 4e9,
  };
}

async function openDatabase(): Promise<{ db: Database; url: string }> {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 4, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return { db, url };
}

describe('locks', () => {
  it(
    'never deadlock when two processes send the same 50 players in opposite order, 1,000 times',
    { timeout: 60_000 },
    async () => {
      const { db } = await openDatabase();
      const players = await insertPlayers(db, 50);
      const reversed = players.toReversed();
      const send = async (order: readonly InsertedPlayer[]) => {
        const apply = createApplyBatch(db);
        for (let round = 0; round < 1000; round += 1) {
          const updates = order.map(updateOf);
          await retried(async () => await apply(updates, 5000));
        }
      };
      await Promise.all([send(players), send(reversed)]);
      const sums = await db.run<{ total: number }>(
        { name: 'test_totals', text: 'SELECT DISTINCT total_score AS total FROM scores' },
        [],
      );
      expect(sums).toEqual([{ total: 2000 }]);
    },
  );

  it('of one player delay no other player, and answer that player with 503', async () => {
    const fleet = await startFleet(1);
    const service = nth(fleet.processes, 0);
    const players = await insertPlayers(fleet.db, 20);
    await Promise.all(
      players.map(async (player) => await spend(service, player, signTestAction(player.userId), 1)),
    );

    const blocker = new pg.Client(fleet.databaseUrl);
    await blocker.connect();
    await blocker.query('BEGIN');
    await blocker.query('SELECT FROM scores WHERE user_id = $1 FOR UPDATE', [nth(players, 0).userId]);

    // Together, so that they meet in one batch: it waits a quarter of a second, twice, and then lets the others go.
    const startedAt = performance.now();
    const [held, ...free] = await Promise.all(
      players.map(async (player) => {
        const answer = await spend(service, player, signTestAction(player.userId), 1);
        return { ...answer, durationMs: performance.now() - startedAt };
      }),
    );
    expect(free.map(({ status }) => status)).toEqual(free.map(() => 200));
    expect(Math.max(...free.map(({ durationMs }) => durationMs))).toBeLessThan(held?.durationMs ?? 0);
    expect(held).toMatchObject({ status: 503, body: { code: 'unavailable' }, retryAfter: '1' });

    // From now on the held player goes apart, and nobody waits for it.
    const later = spend(service, nth(players, 0), signTestAction(nth(players, 0).userId), 1);
    const others = players
      .slice(1)
      .map(async (player) => await spend(service, player, signTestAction(player.userId), 1));
    const first = await Promise.race([later.then(() => 'held'), Promise.all(others).then(() => 'others')]);
    expect(first).toBe('others');
    expect(await later).toMatchObject({ status: 503 });

    await blocker.query('COMMIT');
    await blocker.end();
    const after = await spend(service, nth(players, 0), signTestAction(nth(players, 0).userId), 1);
    expect(after).toMatchObject({ status: 200, body: { total_score: 2 } });
  });
});
