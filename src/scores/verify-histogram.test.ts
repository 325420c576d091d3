import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { openTestStore } from '../../test/harness/database.ts';
import { insertPlayers } from '../../test/harness/players.ts';
import { histogramDrift } from '../../test/harness/score-books.ts';
import { startWriters } from '../../test/harness/score-writers.ts';
import { until } from '../../test/harness/until.ts';
import type { Database, Queries } from '../db/index.ts';
import { createLogger } from '../telemetry/log.ts';
import { rebalanceBuckets } from './rebalance-buckets.ts';
import { verifyHistogram } from './verify-histogram.ts';

const found: object[] = [];
const log = createLogger('silent');
log.error = (details: object) => void found.push(details);

async function execute(queries: Queries, text: string, values: readonly unknown[] = []): Promise<void> {
  await queries.run({ name: `test_${text.length}_${text.slice(0, 40)}`, text }, values);
}

/** Changes scores as an import does that turns triggers off. */
async function changeUncounted(db: Database, text: string, values: readonly unknown[] = []): Promise<void> {
  await db.transaction(async (queries) => {
    await execute(queries, 'ALTER TABLE scores DISABLE TRIGGER USER');
    await execute(queries, text, values);
    await execute(queries, 'ALTER TABLE scores ENABLE TRIGGER USER');
  });
}

async function importUncounted(db: Database, count: number): Promise<void> {
  const players = await insertPlayers(db, count);
  const insert = `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT 'global', id, n * 20, now(), 1, now() FROM unnest($1::uuid[]) WITH ORDINALITY AS t (id, n)`;
  await changeUncounted(db, insert, [players.map(({ userId }) => userId)]);
}

async function rebalance(db: Database): Promise<void> {
  await rebalanceBuckets(db, { unsplittable: new Map(), maxPlayers: 16 });
}

afterEach(() => {
  found.length = 0;
});

describe.each(['postgres', 'embedded'] as const)('verifying the histogram on the %s store', (store) => {
  let db: Database;
  beforeAll(async () => {
    db = await openTestStore(store);
    const writers = await startWriters(db, { writers: 1, players: 200 });
    await until('there are scores', () => writers.batches() > 2);
    await writers.stop();
    await rebalance(db);
  });

  const assertMended = async () => {
    expect(await db.run(histogramDrift, [])).not.toEqual([]);
    const wrong = await verifyHistogram({ db, log });
    expect(wrong).toBe(found.length);
    expect(await db.run(histogramDrift, [])).toEqual([]);
    expect(await verifyHistogram({ db, log })).toBe(0);
  };

  it('finds nothing where all is right', async () => {
    expect(await verifyHistogram({ db, log })).toBe(0);
    expect(found).toEqual([]);
  });

  it('counts what was inserted without triggers, and says where', async () => {
    await importUncounted(db, 100);
    await assertMended();
    const differences = (found as { counted: number; kept: number }[]).map(
      ({ counted, kept }) => counted - kept,
    );
    expect(differences.length).toBeGreaterThan(1);
    expect(differences.reduce((sum, difference) => sum + difference, 0)).toBe(100);
    expect(found[0]).toMatchObject({ leaderboardId: 'global', lower: expect.stringMatching(/^-?[\d.]+$/) });
  });

  it('forgets what was deleted, and moves what was changed, without triggers', async () => {
    await changeUncounted(db, 'DELETE FROM scores WHERE total_score % 3 = 0');
    await changeUncounted(db, 'UPDATE scores SET total_score = total_score / 2 WHERE total_score % 3 = 1');
    await assertMended();
  });

  it('removes counts of buckets that are none', async () => {
    const insert = `INSERT INTO score_counts (leaderboard_id, lower, shard, players) VALUES ($1, 5, 0, 7)`;
    await execute(db, insert, ['global']);
    await execute(db, insert, ['nowhere']);
    expect(await verifyHistogram({ db, log })).toBe(2);
    expect(found).toContainEqual({ leaderboardId: 'nowhere', lower: '5', counted: 0, kept: 7 });
    expect(await db.run(histogramDrift, [])).toEqual([]);
  });
});

describe('verifying the histogram beside writers and rebalancing', () => {
  it('finds nothing where all is right, and mends once what is not', async () => {
    const db = await openTestStore('postgres');
    const writers = await startWriters(db, { writers: 4, players: 40 });
    const verify = async () => await verifyHistogram({ db, log });
    for (let round = 0; round < 15; round += 1) await Promise.all([verify(), rebalance(db)]);
    expect(found).toEqual([]);

    for (let round = 0; round < 5; round += 1) {
      await importUncounted(db, 50);
      await Promise.all([verify(), verify(), verify(), rebalance(db)]);
    }
    const written = writers.batches();
    await until('they go on writing', () => writers.batches() > written + 4);
    await writers.stop();
    expect(found).not.toEqual([]);
    expect(await db.run(histogramDrift, [])).toEqual([]);
  });
});
