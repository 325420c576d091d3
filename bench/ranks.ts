import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';

import type { Database } from '../src/db/index.ts';
import { findPage, findStanding } from '../src/leaderboards/repository.ts';
import { rebalanceBuckets } from '../src/scores/index.ts';
import { execute, medianOf, openBenchDatabase, timeOf } from './bench-database.ts';

/** SQL for a player's score and for when it was reached. */
const distributions: Readonly<Record<string, readonly [score: string, reachedAt: string]>> = {
  uniform: ['floor(random() * 1e9)', "now() - random() * interval '30 days'"],
  'log-normal': [
    'floor(exp(ln(1000) + sqrt(-2 * ln(random() + 1e-12)) * cos(2 * pi() * random())))',
    "now() - random() * interval '30 days'",
  ],
  'within 1 %': ['1000000 + floor(random() * 10000)', "now() - random() * interval '30 days'"],
  'all equal': ['5000', "now() - random() * interval '30 days'"],
  'one microsecond': ['5000', "timestamptz '2026-01-01'"],
};

const SAMPLES = 41;
const ROUNDS = 3;

interface Figures {
  readonly distribution: string;
  readonly loadMs: number;
  readonly rebalanceMs: number;
  readonly positionMs: Spread;
  readonly pageMs: Spread;
}

interface Spread {
  readonly median: number;
  readonly max: number;
}

async function load(db: Database, board: string, distribution: string): Promise<void> {
  const [score, reachedAt] = distributions[distribution] ?? [];
  const insert = `
    INSERT INTO scores (leaderboard_id, user_id, total_score, score_first_reached_at, version, updated_at)
    SELECT $1, id, (${score})::bigint, ${reachedAt}, 1, now() FROM users`;
  await execute(db, 'INSERT INTO leaderboards (id, title) VALUES ($1, $2)', [board, distribution]);
  await execute(db, insert, [board]);
}

async function rebalance(db: Database): Promise<void> {
  const unsplittable = new Map<string, number>();
  while ((await rebalanceBuckets(db, { unsplittable })) > 0);
}

/** Reads the players in the middle of a board one by one; throws at a rank that a plain count does not confirm. */
async function read(
  db: Database,
  board: string,
  middle: number,
): Promise<Pick<Figures, 'positionMs' | 'pageMs'>> {
  const inTheMiddle = `
    SELECT user_id AS "userId" FROM scores WHERE leaderboard_id = $1
    ORDER BY total_score DESC, score_first_reached_at, user_id DESC OFFSET $2 LIMIT $3`;
  const players = await execute<{ userId: string }>(db, inTheMiddle, [board, middle, SAMPLES]);
  const positions: number[] = [];
  const pages: number[] = [];
  for (const [index, { userId }] of players.entries()) {
    const rank = middle + index + 1;
    const standing = await findStanding(db, board, { userId, around: 5 });
    assertRank(rank, userId, standing.entries);
    assertRank(rank, userId, (await findPage(db, board, { limit: 10, offset: rank - 1 }))?.entries ?? []);
    for (let round = 0; round < ROUNDS; round += 1) {
      positions.push(await timeOf(async () => await findStanding(db, board, { userId, around: 5 })));
      pages.push(await timeOf(async () => await findPage(db, board, { limit: 10, offset: rank - 1 })));
    }
  }
  return { positionMs: spreadOf(positions), pageMs: spreadOf(pages) };
}

function assertRank(
  rank: number,
  userId: string,
  entries: readonly { rank: number; userId: string }[],
): void {
  const found = entries.find((entry) => entry.userId === userId)?.rank;
  if (found !== rank) throw new Error(`the player of rank ${rank} was given ${found}`);
}

function spreadOf(times: readonly number[]): Spread {
  return { median: rounded(medianOf(times)), max: rounded(Math.max(...times)) };
}

function rounded(ms: number): number {
  return Number(ms.toFixed(2));
}

const { values } = parseArgs({
  options: { players: { type: 'string', default: '1000000' }, store: { type: 'string', default: 'private' } },
});
const players = Number(values.players);
if (!(players > 2 * SAMPLES))
  throw new Error(`--players must be above ${2 * SAMPLES}, and is ${values.players}`);

const { db, remove } = await openBenchDatabase(values.store);
try {
  const insert =
    'INSERT INTO users (id, username) SELECT gen_random_uuid(), $2 || n FROM generate_series(1, $1) AS n';
  await execute(db, insert, [players, `${randomUUID().slice(0, 8)}-`]);
  const [{ count } = { count: 0 }] = await execute<{ count: number }>(db, 'SELECT count(*) FROM users');
  for (const distribution of Object.keys(distributions)) {
    const board = `ranks-${randomUUID()}`;
    const loadMs = rounded(await timeOf(async () => await load(db, board, distribution)));
    const rebalanceMs = rounded(await timeOf(async () => await rebalance(db)));
    await execute(db, 'VACUUM ANALYZE scores, score_counts');
    const figures: Figures = {
      distribution,
      loadMs,
      rebalanceMs,
      ...(await read(db, board, Math.floor(count / 2))),
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  }
} finally {
  await remove();
}
