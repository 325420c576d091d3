import pg from 'pg';
import { beforeAll, describe, expect, it } from 'vitest';

import type { Database, Statement } from '../../src/db/index.ts';
import { upsertLeaderboard } from '../../src/leaderboards/repository.ts';
import { lockBounds } from '../../src/scores/histogram-repository.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { insertPlayers } from '../harness/players.ts';
import { openPrivateDatabase } from '../harness/private-database.ts';
import { histogramDrift } from '../harness/score-books.ts';
import { type ScoreWriters, startWriters } from '../harness/score-writers.ts';
import { until } from '../harness/until.ts';

const WRITERS = 8;
/** Their turn comes after the batches under way, of some 10 ms each. */
const LONGEST_WAIT_MS = 1000;

let db: Database;
let client: pg.Client;

beforeAll(async () => {
  // Commits that wait for each other, as on a disk that is slow to flush: locks are held that long.
  const settings = { fsync: 'on', synchronous_commit: 'on', commit_delay: '5000', commit_siblings: '3' };
  const opened = await openPrivateDatabase(WRITERS + 2, settings);
  db = opened.db;
  client = new pg.Client(opened.url);
  await client.connect();
  cleanUp(async () => await client.end());
});

async function withWriters(work: (writers: ScoreWriters) => Promise<void>): Promise<void> {
  const writers = await startWriters(db, { writers: WRITERS, players: 4 });
  try {
    await until('every writer has written', () => writers.batches() > 2 * WRITERS);
    await work(writers);
  } finally {
    await writers.stop();
  }
  expect(await db.run(histogramDrift, [])).toEqual([]);
}

/** The longest of `times`, in milliseconds. */
async function longestOf(times: number, work: () => Promise<unknown>): Promise<number> {
  const durations: number[] = [];
  for (let n = 0; n < times; n += 1) {
    const startedAt = performance.now();
    await work();
    durations.push(performance.now() - startedAt);
  }
  return Math.max(...durations);
}

async function nextMultixact(): Promise<number> {
  await client.query('CHECKPOINT');
  const { rows } = await client.query<{ next: string }>(
    'SELECT next_multixact_id::text AS next FROM pg_control_checkpoint()',
  );
  return Number(rows[0]?.next);
}

const insertScore: Statement = {
  name: 'test_insert_score',
  text: `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    VALUES ($1, $2, 1, now(), 1, now())`,
};

describe('beside eight writers of one leaderboard', () => {
  it('no transaction takes a multixact', async () => {
    const before = await nextMultixact();
    await withWriters(async (writers) => {
      await until('they have written', () => writers.batches() >= 300);
    });
    expect(await nextMultixact()).toBe(before);
  });

  it('the bounds are locked alone within a second, again and again', async () => {
    await withWriters(async (writers) => {
      const lock = async () => await db.transaction(async (queries) => await lockBounds(queries, 'global'));
      const written = writers.batches();
      expect(await longestOf(20, lock)).toBeLessThan(LONGEST_WAIT_MS);
      expect(writers.batches()).toBeGreaterThan(written);
    });
  });

  it('the title changes within a second, again and again', async () => {
    await withWriters(async () => {
      const rename = async () => await upsertLeaderboard(db, { id: 'global', title: crypto.randomUUID() });
      expect(await longestOf(20, rename)).toBeLessThan(LONGEST_WAIT_MS);
    });
  });
});

describe('beside a writer that has not committed', () => {
  const insertAndHold = async () => {
    const [player] = await insertPlayers(db, 1);
    await client.query('BEGIN');
    await client.query(insertScore.text, ['global', player?.userId]);
  };
  const waiting = `
    SELECT count(*)::integer AS count FROM pg_stat_activity
    WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const untilWaiting = async (count: number) =>
    await until(`${count} wait for a lock`, async () => {
      const { rows } = await client.query<{ count: number }>(waiting);
      return rows[0]?.count === count;
    });

  it('whoever waits to change the bounds is next, before writers that come later', async () => {
    await insertAndHold();
    const [later] = await insertPlayers(db, 1);
    const order: string[] = [];
    const change = db.transaction(async (queries) => {
      await lockBounds(queries, 'global');
      order.push('locked');
    });
    await untilWaiting(1);
    const write = db.run(insertScore, ['global', later?.userId]).then(() => order.push('written'));
    await untilWaiting(2);
    await client.query('COMMIT');
    await Promise.all([change, write]);
    expect(order).toEqual(['locked', 'written']);
  });

  it('the title changes at once', async () => {
    await insertAndHold();
    const { created } = await upsertLeaderboard(db, { id: 'global', title: 'Another' });
    await client.query('COMMIT');
    expect(created).toBe(false);
  });
});

describe('scores', () => {
  it('of a leaderboard that does not exist are refused', async () => {
    const [player] = await insertPlayers(db, 1);
    await expect(db.run(insertScore, ['nowhere', player?.userId])).rejects.toMatchObject({
      code: '23502',
      table: 'score_counts',
    });
  });

  it.each(['REPEATABLE READ', 'SERIALIZABLE'])('do not change in a %s transaction', async (level) => {
    const [player] = await insertPlayers(db, 1);
    await client.query(`BEGIN ISOLATION LEVEL ${level}`);
    const change = client.query(insertScore.text, ['global', player?.userId]);
    await expect(change).rejects.toMatchObject({
      code: '0A000',
      message: `scores cannot be changed in a ${level.toLowerCase()} transaction`,
    });
    await client.query('ROLLBACK');
  });

  it('are counted for whoever has an empty search_path', async () => {
    const [player] = await insertPlayers(db, 1);
    await client.query("BEGIN; SET LOCAL search_path = ''");
    await client.query(insertScore.text.replace('scores', 'public.scores'), ['global', player?.userId]);
    await client.query('COMMIT');
    expect(await db.run(histogramDrift, [])).toEqual([]);
  });
});

it('bounds do not change without their lock', async () => {
  const change = "UPDATE leaderboards SET rank_bounds = rank_bounds || 5::numeric WHERE id = 'global'";
  await expect(client.query(change)).rejects.toMatchObject({ code: '55000' });
  await client.query('BEGIN');
  await client.query("SELECT lock_rank_bounds(ARRAY['other'], true)");
  await expect(client.query(change)).rejects.toMatchObject({ code: '55000' });
  await client.query('ROLLBACK');
});
