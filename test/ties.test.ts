import pg from 'pg';
import { describe, expect, it } from 'vitest';

import { connectPostgres, type Database } from '../src/db/index.ts';
import { createApplyBatch } from '../src/scores/apply-batch.ts';
import type { Outcome, ScoreUpdate } from '../src/scores/score.ts';
import { modes } from './harness/modes.ts';
import { cleanUp } from './harness/cleanup.ts';
import { createTestDatabase } from './harness/database.ts';
import { insertPlayers } from './harness/players.ts';
import type { PageBody } from './harness/play.ts';
import { startTestService, syncIndex } from './harness/service.ts';

const MAX = Number.MAX_SAFE_INTEGER;

/** A fixed shuffle, so that ids and arrival have nothing to do with each other. */
function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item, index) => ({ item, key: (index * 7919) % 104_729 }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}

function updateOf(userId: string, scoreDelta: number): ScoreUpdate {
  const actionId = crypto.randomUUID();
  return { leaderboardId: 'global', userId, actionId, scoreDelta, maxScore: MAX, expiresAt: 4e9 };
}

function totalOf(outcome: Outcome | undefined): number {
  if (outcome?.kind !== 'scored') throw new Error('did not score');
  return outcome.verdict.totalScore;
}

describe.each(modes)('ties with %s', (mode) => {
  it('rank 64 players of one batch in order of arrival (EDGE-002)', async () => {
    const service = await startTestService({ mode });
    const arrival = shuffled(await insertPlayers(service.db, 64));
    await createApplyBatch(service.db)(
      arrival.map(({ userId }) => updateOf(userId, 500)),
      1000,
    );
    await syncIndex(service, 'global');
    const { body } = await service.request<PageBody>('/v1/leaderboards/global?limit=100');
    expect(body.entries.map((entry) => entry.user_id)).toEqual(arrival.map(({ userId }) => userId));
    expect(body.entries.map((entry) => entry.rank)).toEqual(arrival.map((_, index) => index + 1));
  });

  it('rank by who reached the score, not by who scored last', async () => {
    const service = await startTestService({ mode });
    const [first, second, third] = await insertPlayers(service.db, 3);
    if (!first || !second || !third) throw new Error('no players');
    const apply = createApplyBatch(service.db);
    await apply([updateOf(third.userId, 900)], 1000);
    await apply([updateOf(first.userId, 1000)], 1000);
    await apply([updateOf(second.userId, 1000)], 1000);
    await apply([updateOf(third.userId, 100)], 1000);
    await syncIndex(service, 'global');
    const { body } = await service.request<PageBody>('/v1/leaderboards/global');
    expect(body.entries.map((entry) => entry.user_id)).toEqual([first.userId, second.userId, third.userId]);
  });

  it('keep their order at the cap: an update that adds nothing moves nobody (EDGE-005)', async () => {
    const service = await startTestService({ mode });
    const [first, second] = await insertPlayers(service.db, 2);
    if (!first || !second) throw new Error('no players');
    const apply = createApplyBatch(service.db);
    await apply([updateOf(first.userId, MAX)], 1000);
    await apply([updateOf(second.userId, MAX)], 1000);
    const [again] = await apply([updateOf(first.userId, 1)], 1000);
    expect(totalOf(again)).toBe(MAX);
    expect(again).toMatchObject({ verdict: { capped: true } });
    await syncIndex(service, 'global');
    const { body } = await service.request<PageBody>('/v1/leaderboards/global');
    expect(body.entries.map((entry) => entry.user_id)).toEqual([first.userId, second.userId]);
  });
});

describe('times given out by one process', () => {
  it('rise strictly, batch after batch, even when the clock of the database stands still', async () => {
    const { url } = await createTestDatabase();
    const db = await openWithFrozenClock(url);
    const players = await insertPlayers(db, 30);
    const apply = createApplyBatch(db);
    const reached: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const outcomes = await apply(
        shuffled(players).map(({ userId }) => updateOf(userId, 1)),
        1000,
      );
      reached.push(...outcomes.map(reachedAt));
    }
    expect(reached).toEqual([...new Set(reached)].sort());
    expect(reached).toHaveLength(600);
    expect(reached[0]).toMatch(/^2026-01-01T00:00:00/);
  });
});

/** A function of the same name that is found before PostgreSQL's own. */
async function openWithFrozenClock(url: string): Promise<Database> {
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`
    CREATE SCHEMA frozen;
    CREATE FUNCTION frozen.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ SELECT timestamptz '2026-01-01' $$;
    DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = frozen, pg_catalog, public', current_database()); END $$`);
  await admin.end();
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  return db;
}

function reachedAt(outcome: Outcome): string {
  if (outcome.kind !== 'scored') throw new Error('did not score');
  return outcome.verdict.scoreFirstReachedAt;
}
