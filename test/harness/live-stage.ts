import { expect, onTestFinished } from 'vitest';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { boardOfPostgres } from './board-comparison.ts';
import { cleanUp } from './cleanup.ts';
import { createTestDatabase } from './database.ts';
import { spend } from './fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from './players.ts';
import { startProcess, type TestProcess } from './process.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { openStream, type TestStream } from './streams.ts';
import { until } from './until.ts';

/** What the processes of one test share, and who plays. */
export interface LiveStage {
  readonly env: Readonly<Record<string, string>>;
  /** The test's own way in. */
  readonly db: Database;
  readonly redis: RedisServer | undefined;
  readonly players: readonly InsertedPlayer[];
}

export async function createLiveStage(withRedis: boolean): Promise<LiveStage> {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  const redis = withRedis ? await startRedisServer() : undefined;
  onTestFinished(async () => await redis?.remove());
  const env = { DATABASE_URL: url, ...(redis && { REDIS_URL: redis.url }) };
  return { env, db, redis, players: await insertPlayers(db, 10) };
}

/** Killed after the test. */
export async function startOnStage({ env }: LiveStage): Promise<TestProcess> {
  const process = await startProcess(env);
  onTestFinished(async () => void (await process.kill()));
  return process;
}

/** A stream that shows every player of the stage. */
export async function watchBoard({ url }: TestProcess): Promise<TestStream> {
  return await openStream(`${url}/v1/leaderboards/global/stream?limit=100`);
}

/** Scores at one process; resolves with how long it took until the last stream showed it. */
export async function scoreAndWatch(
  process: TestProcess,
  player: InsertedPlayer,
  streams: readonly TestStream[],
): Promise<number> {
  const { status, body } = await spend(process, player, signTestAction(player.userId), 10);
  expect(status).toBe(200);
  const answeredAt = performance.now();
  const isShown = ({ entries }: { entries: readonly { user_id: string; total_score: number }[] }) =>
    entries.some(({ user_id, total_score }) => user_id === player.userId && total_score >= body.total_score);
  await Promise.all(streams.map(async (stream) => await stream.untilPage('the score is shown', isShown)));
  return performance.now() - answeredAt;
}

/** Only while nobody scores. */
export async function expectOrderOfPostgres(
  { db }: Pick<LiveStage, 'db'>,
  streams: readonly TestStream[],
): Promise<void> {
  const order = JSON.stringify(await boardOfPostgres(db));
  for (const stream of streams) {
    const isSame = () => JSON.stringify(stream.pages().at(-1)?.entries) === order;
    await until('the stream shows the order of PostgreSQL', isSame);
  }
}
