import { randomInt } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { connectEmbedded, connectPostgres, type Database, type Statement } from '../../src/db/index.ts';
import { createTestDatabase, makeTemporaryDirectory } from '../harness/database.ts';
import { nth, spend } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { until } from '../harness/until.ts';

/** `LAUREL_TEST_KILLS=20` makes the run of record; the default keeps the suite short. */
const KILLS = Number(process.env['LAUREL_TEST_KILLS'] ?? 3);
const CLIENTS = 24;

const totals: Statement = {
  name: 'test_crash_totals',
  text: `
    SELECT s.user_id AS "userId", s.total_score AS "total",
           (SELECT sum(e.applied_delta)::bigint FROM score_events e WHERE e.user_id = s.user_id) AS "ofEvents",
           (SELECT count(*) FROM consumed_actions a WHERE a.user_id = s.user_id) AS "spent",
           (SELECT count(*) FROM score_events e WHERE e.user_id = s.user_id) AS "events"
    FROM scores s`,
};

interface Total {
  readonly userId: string;
  readonly total: number;
  readonly ofEvents: number;
  readonly spent: number;
  readonly events: number;
}

interface Spent {
  readonly player: InsertedPlayer;
  readonly token: string;
  readonly acknowledged: boolean;
}

/** Spends one token after the other until the process is gone; tells which were acknowledged. */
async function spendUntilGone(
  process: TestProcess,
  player: InsertedPlayer,
  onSpent: () => void,
): Promise<Spent[]> {
  const spent: Spent[] = [];
  for (;;) {
    const token = signTestAction(player.userId);
    const answer = await spend(process, player, token, 1).catch(() => undefined);
    if (answer === undefined) return [...spent, { player, token, acknowledged: false }];
    expect(answer).toMatchObject({ status: 200 });
    spent.push({ player, token, acknowledged: true });
    onSpent();
  }
}

/** Kills the process in the middle of load; resolves when every client noticed. */
async function killUnderLoad(process: TestProcess, players: readonly InsertedPlayer[]): Promise<Spent[]> {
  let acknowledged = 0;
  const clients = Array.from(
    { length: CLIENTS },
    async (_, n) =>
      await spendUntilGone(process, nth(players, n), () => {
        acknowledged += 1;
      }),
  );
  const enough = 100 + randomInt(200);
  await until(`${enough} updates are acknowledged`, () => acknowledged >= enough, { timeoutMs: 30_000 });
  await process.kill();
  return (await Promise.all(clients)).flat();
}

/** Sends again what was never answered, as a client does: each must count once, whether or not it had before. */
async function settle(process: TestProcess, spent: readonly Spent[]): Promise<void> {
  const unanswered = spent.filter(({ acknowledged }) => !acknowledged);
  const answers = await Promise.all(
    unanswered.map(async ({ player, token }) => await spend(process, player, token, 1)),
  );
  expect(answers.map(({ status }) => status)).toEqual(unanswered.map(() => 200));
}

function assertBooks(rows: readonly Total[], spent: readonly Spent[]): void {
  const expected = new Map<string, number>();
  for (const { player } of spent) expected.set(player.userId, (expected.get(player.userId) ?? 0) + 1);
  const found = new Map(rows.map((row) => [row.userId, row]));
  for (const [userId, count] of expected) {
    expect(found.get(userId)).toEqual({ userId, total: count, ofEvents: count, spent: count, events: count });
  }
}

describe('kill -9 in the middle of load', () => {
  it('loses no acknowledged update and counts none twice, on PostgreSQL', { timeout: 300_000 }, async () => {
    const { url } = await createTestDatabase();
    const db: Database = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
    const players = await insertPlayers(db, 12);
    const spent: Spent[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const process = await startProcess({ DATABASE_URL: url });
      spent.push(...(await killUnderLoad(process, players)));
    }
    const process = await startProcess({ DATABASE_URL: url });
    await settle(process, spent);
    await process.stop();
    assertBooks(await db.run<Total>(totals, []), spent);
    await db.close();
  });

  it('loses no acknowledged update and counts none twice, embedded', { timeout: 300_000 }, async () => {
    const dataDir = makeTemporaryDirectory();
    const first = await startProcess({ DATA_DIR: dataDir });
    await first.stop();
    const seeding = await connectEmbedded(dataDir);
    const players = await insertPlayers(seeding, 12);
    await seeding.close();
    const spent: Spent[] = [];
    for (let kill = 0; kill < Math.ceil(KILLS / 4); kill += 1) {
      const process = await startProcess({ DATA_DIR: dataDir });
      spent.push(...(await killUnderLoad(process, players)));
    }
    const process = await startProcess({ DATA_DIR: dataDir });
    await settle(process, spent);
    await process.stop();
    const db = await connectEmbedded(dataDir);
    assertBooks(await db.run<Total>(totals, []), spent);
    await db.close();
  });
});
