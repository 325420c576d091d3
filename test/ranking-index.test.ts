import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  countIndexedPlayers,
  findIndexedPage,
  findIndexedPositions,
  findIndexedScores,
  findIndexedTop,
} from '../src/leaderboards/ranking-index/index.ts';
import { fromMember } from '../src/leaderboards/ranking-index/member.ts';
import { startPrivateRedis } from './harness/private-redis.ts';
import { inOrder } from './ranking-index/mirror.ts';
import { settle, type Step, steps } from './ranking-index/steps.ts';
import { createWorld, type World } from './ranking-index/world.ts';

/** `LAUREL_INDEX_RUNS=1000` makes the run of record, which tells its seed; `LAUREL_INDEX_SEED` repeats one. */
const recorded = process.env['LAUREL_INDEX_RUNS'];
const numRuns = Number(recorded ?? 40);
const seed = Number(process.env['LAUREL_INDEX_SEED'] ?? Date.now() % 2 ** 31);

/** How often each step is taken. */
const weights: Readonly<Record<Step['kind'], number>> = {
  rebuild: 300,
  score: 200,
  deliverScores: 150,
  remove: 40,
  deliverRemovals: 40,
  begin: 15,
  evict: 3,
  flush: 3,
  abandon: 3,
  expireRebuild: 3,
  loseScores: 3,
  loseRemovals: 3,
};

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    ...Object.entries(weights).map(([kind, weight]) => {
      return { weight, arbitrary: fc.constant(kind as Step['kind']) };
    }),
  ),
  pick: fc.nat(1_000_000),
  size: fc.integer({ min: 1, max: 8 }),
});

/*
 * Redis runs one script at a time, so whatever several processes do at once is some sequence of these steps.
 * PostgreSQL and the processes are simulated, Redis is real.
 */
describe(`an index under any interleaving of processes, seed ${seed}`, async () => {
  const redis = await startPrivateRedis();
  if (recorded !== undefined) process.stdout.write(`ranking index: ${numRuns} runs, seed ${seed}\n`);
  const reached = new Map<string, number>();

  test('holds what versions imply at every moment, and what PostgreSQL holds in the end', async () => {
    const anyRun = fc.array(anyStep, { minLength: 100, maxLength: 200, size: 'max' });
    await fc.assert(
      fc.asyncProperty(anyRun, fc.nat(), async (run, final) => {
        const world = createWorld(redis);
        for (const step of run) {
          await steps[step.kind](world, step);
          await expectMirrored(world);
          count(reached, world, step);
        }
        await settle(world, final);
        await expectSettled(world);
      }),
      { numRuns, seed },
    );
    if (recorded !== undefined) process.stdout.write(`${JSON.stringify(Object.fromEntries(reached))}\n`);
  }, 3_600_000);

  test('was ready, being rebuilt and emptied in those runs', () => {
    for (const state of ['ready', 'ready and rebuilt', 'not ready', 'flush', 'evict', 'remove']) {
      expect.soft(reached.get(state) ?? 0, state).toBeGreaterThan(numRuns / 10);
    }
  });
});

function count(reached: Map<string, number>, { mirror }: World, { kind }: Step): void {
  const state = mirror.ready ? (mirror.rebuild === undefined ? 'ready' : 'ready and rebuilt') : 'not ready';
  for (const name of [state, kind]) reached.set(name, (reached.get(name) ?? 0) + 1);
}

async function expectMirrored({ redis, board, mirror }: World): Promise<void> {
  const page = await findIndexedPage(redis, board, { limit: 100, offset: 0 });
  expect(page).toEqual(mirror.ready ? toPage(mirror.rows) : undefined);
  const nextMembers = (await redis.command('ZRANGE', `leaderboard:{${board}}:next`, 0, -1)) as string[];
  const nextIds = nextMembers.map((member) => fromMember(member).userId);
  expect(nextIds.toReversed()).toEqual(inOrder(mirror.nextRows).map(({ userId }) => userId));
}

async function expectSettled({ redis, board, rows }: World): Promise<void> {
  const scores = inOrder(rows);
  const totalPlayers = rows.size;
  expect(await findIndexedPage(redis, board, { limit: 100, offset: 0 })).toEqual(toPage(rows));
  expect(await findIndexedTop(redis, board, 100)).toEqual({ totalPlayers, scores });
  expect(await countIndexedPlayers(redis, board)).toBe(totalPlayers);
  expect(
    await findIndexedScores(
      redis,
      board,
      scores.map(({ userId }) => userId),
    ),
  ).toEqual(scores);
  const { entries } = toPage(rows);
  for (const [index, { userId }] of scores.entries()) {
    const around = entries.slice(Math.max(0, index - 2), index + 3);
    const positions = await findIndexedPositions(redis, board, [{ userId, around: 2 }]);
    expect(positions).toEqual([{ totalPlayers, entries: around }]);
  }
}

function toPage(rows: World['rows']) {
  const entries = inOrder(rows).map(({ userId, totalScore, scoreFirstReachedAt }, index) => {
    return { rank: index + 1, userId, totalScore, scoreFirstReachedAt };
  });
  return { totalPlayers: rows.size, readAt: expect.any(Number) as number, entries };
}
