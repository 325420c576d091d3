import { expect, test } from 'vitest';

import type { Database, Queries, Statement } from '../src/db/index.ts';
import { findPage } from '../src/leaderboards/repository.ts';
import { rebalanceBuckets } from '../src/scores/rebalance-buckets.ts';
import { openTestStore } from './harness/database.ts';

const PLAYERS = 4000;
const MAX_BUCKET = 64;
const LIMIT = 10;

/** Every third score is another's too, so that ties are among what is skipped. */
const insertScores: Statement = {
  name: 'test_insert_scores',
  text: `
    WITH players AS (
      INSERT INTO users (id, username) SELECT gen_random_uuid(), 'player-' || n FROM generate_series(1, $1::int) AS n
      RETURNING id, substr(username, 8)::int AS n
    )
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT 'global', id, n - n % 3, timestamptz '2026-01-01' + n * interval '1 second', 1, now() FROM players`,
};

const largestBucket: Statement = {
  name: 'test_largest_bucket',
  text: `
    SELECT max(players)::bigint AS players
    FROM (SELECT sum(players) AS players FROM score_counts WHERE leaderboard_id = 'global' GROUP BY lower) AS buckets`,
};

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

function countRowsOfScores({ Plans = [], ...node }: Plan): number {
  const below = Plans.reduce((rows, plan) => rows + countRowsOfScores(plan), 0);
  const own = node['Relation Name'] === 'scores' ? node['Actual Rows'] * node['Actual Loops'] : 0;
  return below + own;
}

/** How many rows of `scores` the statement of a page reads. */
async function rowsReadAt(db: Database, offset: number): Promise<number> {
  let rows = 0;
  const explaining: Pick<Queries, 'run'> = {
    run: async <Row>(statement: Statement, values: readonly unknown[]) => {
      const text = `EXPLAIN (ANALYZE, FORMAT JSON) ${statement.text}`;
      const [plan] = await db.run<{ 'QUERY PLAN': readonly { Plan: Plan }[] }>(
        { name: 'test_explain_page', text },
        values,
      );
      rows += countRowsOfScores(plan?.['QUERY PLAN'][0]?.Plan ?? { 'Actual Rows': NaN, 'Actual Loops': 1 });
      return [] as Row[];
    },
  };
  await findPage(explaining as Queries, 'global', { limit: LIMIT, offset });
  return rows;
}

test.each(['postgres', 'embedded'] as const)(
  'reads no more rows of the scores than a bucket has, however deep the page is',
  { timeout: 60_000 },
  async (store) => {
    const db = await openTestStore(store);
    await db.run(insertScores, [PLAYERS]);
    const rebalance = async () =>
      await rebalanceBuckets(db, { unsplittable: new Map(), maxPlayers: MAX_BUCKET });
    while ((await rebalance()) > 0);
    await db.run({ name: 'test_analyze', text: 'ANALYZE' }, []);
    const [largest] = await db.run<{ players: number }>(largestBucket, []);
    expect(largest?.players).toBeLessThanOrEqual(MAX_BUCKET);

    const depths = [0, PLAYERS / 4, PLAYERS / 2, PLAYERS - LIMIT];
    for (const depth of depths) {
      const rows = await rowsReadAt(db, depth);
      expect(rows).toBeGreaterThanOrEqual(LIMIT);
      // Twice, because who shares the score at the bucket's edge is read apart from the others.
      expect(rows, `at ${depth}`).toBeLessThanOrEqual(2 * (MAX_BUCKET + LIMIT));
    }
  },
);
