import { randomInt, randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';

import { type Database, isRolledBack } from '../src/db/index.ts';
import { applyScores } from '../src/scores/repository.ts';
import type { ScoreUpdate } from '../src/scores/score.ts';
import { execute, medianOf, openBenchDatabase, timeOf } from './bench-database.ts';

/** What a process has in flight at once, at most. */
const LANES = 2;
const BATCH_SIZE = 64;

interface Round {
  readonly batches: number;
  readonly maxDelta: number;
}

function batchOf(userIds: readonly string[], maxDelta: number): ScoreUpdate[] {
  const chosen = new Set<string>();
  while (chosen.size < BATCH_SIZE) chosen.add(userIds[randomInt(userIds.length)] ?? '');
  return [...chosen].map((userId) => ({
    leaderboardId: 'global',
    userId,
    actionId: randomUUID(),
    scoreDelta: randomInt(1, maxDelta + 1),
    maxScore: maxDelta,
    expiresAt: 4e9,
  }));
}

/** Applies a batch, and again when a lane was ahead of it at the same player. */
async function apply(db: Database, updates: readonly ScoreUpdate[]): Promise<void> {
  for (;;) {
    try {
      await applyScores(db, updates, { after: '1970-01-01T00:00:00.000000Z', lockTimeoutMs: 60_000 });
      return;
    } catch (error) {
      if (!isRolledBack(error)) throw error;
    }
  }
}

/** Milliseconds for a batch of a round, over all lanes. */
async function measure(
  db: Database,
  userIds: readonly string[],
  { batches, maxDelta }: Round,
): Promise<number> {
  const lane = async () => {
    for (let n = 0; n < batches / LANES; n += 1) await apply(db, batchOf(userIds, maxDelta));
  };
  return (await timeOf(async () => await Promise.all(Array.from({ length: LANES }, lane)))) / batches;
}

function toCount(name: string, text: string): number {
  const count = Number(text);
  if (!(count > 0)) throw new Error(`--${name} must be a number above 0, and is ${text}`);
  return count;
}

const { values } = parseArgs({
  options: {
    players: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '9' },
    batches: { type: 'string', default: '200' },
    'max-delta': { type: 'string', default: '100' },
  },
});
const players = toCount('players', values.players);
const rounds = toCount('rounds', values.rounds);
const round = {
  batches: toCount('batches', values.batches),
  maxDelta: toCount('max-delta', values['max-delta']),
};
if (players < 2 * BATCH_SIZE) throw new Error(`--players must be at least ${2 * BATCH_SIZE}`);

// Always a server of its own: counts are wrong where triggers were off.
const { db, remove } = await openBenchDatabase('private');
try {
  const insert =
    "INSERT INTO users (id, username) SELECT gen_random_uuid(), 'p-' || n FROM generate_series(1, $1) AS n RETURNING id";
  const userIds = (await execute<{ id: string }>(db, insert, [players])).map(({ id }) => id);
  await measure(db, userIds, round);
  const counted: number[] = [];
  const uncounted: number[] = [];
  for (let n = 0; n < rounds; n += 1) {
    // Each goes first in half of the rounds: tables grow meanwhile.
    const order = n % 2 === 0 ? ['ENABLE', 'DISABLE'] : ['DISABLE', 'ENABLE'];
    for (const triggers of order) {
      await execute(db, `ALTER TABLE scores ${triggers} TRIGGER USER`);
      (triggers === 'ENABLE' ? counted : uncounted).push(await measure(db, userIds, round));
    }
  }
  const ratios = counted.map((ms, n) => ms / (uncounted[n] ?? Number.NaN));
  const result = {
    batchMsCounted: medianOf(counted),
    batchMsUncounted: medianOf(uncounted),
    ratio: medianOf(ratios),
    ratios,
  };
  process.stdout.write(`${JSON.stringify(result, undefined, 2)}\n`);
} finally {
  await remove();
}
