import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Database, Statement } from '../src/db/index.ts';
import { createDeletion, deleteAccount } from '../src/deletion/delete-account.ts';
import { createAuth } from '../src/auth/index.ts';
import { createBoardChanges } from '../src/leaderboards/index.ts';
import { findPage, findStanding } from '../src/leaderboards/repository.ts';
import { createApplyBatch } from '../src/scores/apply-batch.ts';
import { applyAdjustment } from '../src/scores/adjustment-repository.ts';
import { rebalanceBuckets } from '../src/scores/rebalance-buckets.ts';
import type { ScoreUpdate } from '../src/scores/score.ts';
import { openTestStore } from './harness/database.ts';
import { createLeaderboard, type EntryBody, type PageBody } from './harness/play.ts';
import { type InsertedPlayer, insertPlayers } from './harness/players.ts';
import { retried } from './harness/retried.ts';
import { histogramDrift } from './harness/score-books.ts';
import { startTestService, type TestService } from './harness/service.ts';

const plainOrder: Statement = {
  name: 'test_ranks_plain_order',
  text: `
    SELECT user_id AS "userId" FROM scores WHERE leaderboard_id = $1
    ORDER BY total_score DESC, score_first_reached_at ASC, user_id DESC`,
};

const bounds: Statement = {
  name: 'test_bounds',
  text: `SELECT cardinality(rank_bounds) AS buckets FROM leaderboards WHERE id = $1`,
};

/** A small generator, so that a failed run can be repeated from its seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function pick<Item>(items: readonly Item[], count: number, below: (limit: number) => number): Item[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () =>
    left.splice(below(left.length), 1),
  ).flat();
}

const EPOCH = '1970-01-01T00:00:00.000000Z';

const shapes: Readonly<Record<string, (below: (limit: number) => number) => number>> = {
  'spread evenly': (below) => 1 + below(1_000_000),
  'of every magnitude': (below) => 1 + below(10 ** (1 + below(12))),
  'close together': (below) => 1 + below(3),
  'near the cap': (below) => Number.MAX_SAFE_INTEGER - below(3),
};

const anyPlayer: Statement = {
  name: 'test_any_player',
  text: 'SELECT user_id AS "userId" FROM scores WHERE leaderboard_id = $1 ORDER BY random() LIMIT 1',
};

/** Holds page, position and histogram against the plain order, all of it as of one moment. */
async function assertSnapshot(db: Database, board: string, context: string): Promise<void> {
  await db.transaction(async (queries) => {
    await queries.orm.execute(sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`);
    const [any] = await queries.run<{ userId: string }>(anyPlayer, [board]);
    if (any === undefined) return;
    const order = (await queries.run<{ userId: string }>(plainOrder, [board])).map(({ userId }) => userId);
    const standing = await findStanding(queries, board, { userId: any.userId, around: 0 });
    const offset = order.indexOf(any.userId);
    const page = await findPage(queries, board, { limit: 5, offset });
    expect(standing, context).toMatchObject({
      totalPlayers: order.length,
      entries: [{ rank: offset + 1, userId: any.userId }],
    });
    expect(page?.totalPlayers, context).toBe(order.length);
    expect(
      page?.entries.map(({ userId }) => userId),
      context,
    ).toEqual(order.slice(offset, offset + 5));
    expect(await queries.run(histogramDrift, []), context).toEqual([]);
  });
}

describe.each(['PostgreSQL', 'embedded'] as const)('ranks with %s', (mode) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService({ mode });
  });

  const assertEveryRank = async (db: Database, board: string) => {
    const order = (await db.run<{ userId: string }>(plainOrder, [board])).map(({ userId }) => userId);
    for (const [index, userId] of order.entries()) {
      if (index % 7 !== 0) continue;
      const position = await service.request<{ entry: EntryBody; total_players: number }>(
        `/v1/leaderboards/${board}/users/${userId}`,
      );
      expect(position.body).toMatchObject({ entry: { rank: index + 1 }, total_players: order.length });
      const page = await service.request<PageBody>(`/v1/leaderboards/${board}?limit=3&offset=${index}`);
      expect(page.body.entries.map(({ user_id }) => user_id)).toEqual(order.slice(index, index + 3));
      expect(page.body.total_players).toBe(order.length);
    }
  };

  it.each(Object.keys(shapes))(
    'are those of a plain count when scores are %s and several write, adjust, delete and rebalance at once',
    async (shape) => {
      const { db } = service;
      const board = await createLeaderboard(service);
      const players = await insertPlayers(db, 150);
      const alive = new Set(players);
      const auth = createAuth({ db, config: service.config, clock: service.clock.now });
      const deletion = createDeletion({ db, auth, changes: createBoardChanges() });
      const seed = Date.now() % 2 ** 31;
      const deltaOf = shapes[shape] ?? (() => 1);

      const write = async (writer: number) => {
        const below = random(seed + writer);
        const apply = createApplyBatch(db);
        for (let round = 0; round < 25; round += 1) {
          const batch = pick([...alive], 1 + below(40), below).map(
            ({ userId }: InsertedPlayer): ScoreUpdate => ({
              leaderboardId: board,
              userId,
              actionId: crypto.randomUUID(),
              scoreDelta: deltaOf(below),
              maxScore: Number.MAX_SAFE_INTEGER,
              expiresAt: 4e9,
            }),
          );
          await retried(async () => await apply(batch, 5000));
        }
      };
      const adjust = async () => {
        const below = random(seed + 4);
        for (let round = 0; round < 60; round += 1) {
          const [player] = pick([...alive], 1, below);
          const adjustment = {
            leaderboardId: board,
            userId: player?.userId ?? '',
            actionId: crypto.randomUUID(),
            scoreDelta: (below(2) === 0 ? 1 : -1) * deltaOf(below),
            reason: 'a test',
            actor: 'a test',
          };
          // A player who was picked may be deleted meanwhile: then there is no verdict.
          await retried(async () => await applyAdjustment(db, adjustment, EPOCH));
        }
      };
      const remove = async () => {
        for (const player of players.slice(0, 25)) {
          await deleteAccount(deletion, player.userId);
          alive.delete(player);
        }
      };
      const rebalance = async () => {
        for (let round = 0; round < 25; round += 1) {
          await rebalanceBuckets(db, { unsplittable: new Map(), maxPlayers: 16 });
        }
      };
      const over = new AbortController();
      let checks = 0;
      const check = async () => {
        for (; !over.signal.aborted; checks += 1)
          await assertSnapshot(db, board, `seed ${seed}, check ${checks}`);
      };
      const changes = [write(1), write(2), write(3), adjust(), remove(), rebalance(), rebalance()];
      const changed = Promise.all(changes).finally(() => over.abort());
      await Promise.all([changed, check()]);

      expect(checks).toBeGreaterThan(5);
      expect(await db.run(histogramDrift, []), `seed ${seed}`).toEqual([]);
      await rebalance();
      expect(await db.run(histogramDrift, []), `seed ${seed}`).toEqual([]);
      const [row] = await db.run<{ buckets: number }>(bounds, [board]);
      expect(row?.buckets).toBeGreaterThan(4);
      await assertEveryRank(db, board);
    },
  );
});

const imported: Statement = {
  name: 'test_import',
  text: `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT 'global', user_id, score, reached_at, 1, now()
    FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS t (user_id, score, reached_at)`,
};
const sizes: Statement = {
  name: 'test_sizes',
  text: 'SELECT sum(players)::bigint AS players FROM score_counts GROUP BY lower ORDER BY lower',
};

describe.each(['postgres', 'embedded'] as const)('an import on the %s store', (store) => {
  const importScores = async (
    db: Database,
    scoreOf: (n: number) => number,
    reachedAt: (n: number) => string,
  ) => {
    const players = await insertPlayers(db, 300);
    await db.run(imported, [
      players.map(({ userId }) => userId),
      players.map((_, n) => scoreOf(n)),
      players.map((_, n) => reachedAt(n)),
    ]);
  };
  const sizesOf = async (db: Database) =>
    (await db.run<{ players: number }>(sizes, [])).map(({ players }) => players).filter((size) => size > 0);
  const oneMoment = () => '2026-01-01T00:00:00Z';

  it('in one statement is split into buckets of the right size', async () => {
    const db = await openTestStore(store);
    await importScores(db, (n) => 1 + n * 7, oneMoment);
    expect(await sizesOf(db)).toEqual([300]);
    await rebalanceBuckets(db, { unsplittable: new Map(), maxPlayers: 16 });
    expect(Math.max(...(await sizesOf(db)))).toBeLessThanOrEqual(16);
    await assertSnapshot(db, 'global', 'split');
  });

  it('of equal scores is split by time', async () => {
    const db = await openTestStore(store);
    await importScores(
      db,
      () => 5,
      (n) => `2026-01-01T00:00:00.${String(n).padStart(6, '0')}Z`,
    );
    await rebalanceBuckets(db, { unsplittable: new Map(), maxPlayers: 16 });
    expect(Math.max(...(await sizesOf(db)))).toBeLessThanOrEqual(16);
    await assertSnapshot(db, 'global', 'split');
  });

  it('of equal keys stays one bucket, which is not tried again until it has doubled', async () => {
    const db = await openTestStore(store);
    const unsplittable = new Map<string, number>();
    await importScores(db, () => 5, oneMoment);
    for (let round = 0; round < 3; round += 1) await rebalanceBuckets(db, { unsplittable, maxPlayers: 16 });
    expect(await sizesOf(db)).toEqual([300]);
    expect([...unsplittable.values()]).toEqual([300]);
    expect(await rebalanceBuckets(db, { unsplittable, maxPlayers: 16 })).toBe(0);
    await assertSnapshot(db, 'global', 'unsplittable');

    await importScores(db, (n) => 6 + n, oneMoment);
    await importScores(db, (n) => 1000 + n, oneMoment);
    await rebalanceBuckets(db, { unsplittable, maxPlayers: 16 });
    expect((await sizesOf(db)).filter((size) => size > 16)).toEqual([300]);
    await assertSnapshot(db, 'global', 'split above');
  });

  it('that is truncated leaves nothing counted, and the next is counted', async () => {
    const db = await openTestStore(store);
    const unsplittable = new Map<string, number>();
    await importScores(db, () => 5, oneMoment);
    for (let round = 0; round < 3; round += 1) await rebalanceBuckets(db, { unsplittable, maxPlayers: 16 });
    await db.run({ name: 'test_truncate', text: 'TRUNCATE scores' }, []);
    expect(await db.run(sizes, [])).toEqual([]);
    for (let round = 0; round < 3; round += 1) await rebalanceBuckets(db, { unsplittable, maxPlayers: 16 });
    expect([...unsplittable]).toEqual([]);
    await importScores(db, (n) => 1 + n, oneMoment);
    await assertSnapshot(db, 'global', 'after truncating');
  });
});

describe('merging buckets', () => {
  it('joins deserted neighbours and stops before one is crowded', async () => {
    const { db } = await startTestService();
    const players = await insertPlayers(db, 128);
    const apply = createApplyBatch(db);
    for (let from = 0; from < players.length; from += 64) {
      await apply(
        players.slice(from, from + 64).map(({ userId }, n) => ({
          leaderboardId: 'global',
          userId,
          actionId: crypto.randomUUID(),
          scoreDelta: 1 + from + n,
          maxScore: 1000,
          expiresAt: 4e9,
        })),
        5000,
      );
    }
    const unsplittable = new Map<string, number>();
    await rebalanceBuckets(db, { unsplittable, maxPlayers: 4 });
    await rebalanceBuckets(db, { unsplittable, maxPlayers: 64 });
    const merged = await db.run<{ players: number }>(sizes, []);
    expect(Math.max(...merged.map(({ players: size }) => size))).toBeLessThan(16);
    expect(merged.length).toBeLessThan(32);
    expect(await db.run(histogramDrift, [])).toEqual([]);
  });
});
