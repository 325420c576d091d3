import { describe, expect, it, onTestFinished } from 'vitest';

import { connectPostgres, type Database } from '../../src/db/index.ts';
import { boardOfPostgres } from '../harness/board-comparison.ts';
import { cleanUp } from '../harness/cleanup.ts';
import { createTestDatabase } from '../harness/database.ts';
import { nth, spend } from '../harness/fleet.ts';
import { type InsertedPlayer, insertPlayers, signTestAction } from '../harness/players.ts';
import { startProcess, type TestProcess } from '../harness/process.ts';
import { type RedisServer, startRedisServer } from '../harness/redis-server.ts';
import { openStream, type TestStream } from '../harness/streams.ts';
import { until } from '../harness/until.ts';

/** Of what a fault hid; each hub reads its board again within 2 s. */
const HEALED_MS = 3000;
/** Starting a process anew takes seconds on a busy machine; only what follows is measured. */
const SLACK_MS = 2000;
/** Half of what a re-read alone would take in the middle. */
const SOON_MS = 500;

interface Stage {
  readonly env: Readonly<Record<string, string>>;
  readonly db: Database;
  readonly redis: RedisServer | undefined;
  readonly players: readonly InsertedPlayer[];
}

async function createStage(withRedis: boolean): Promise<Stage> {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 2, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  const redis = withRedis ? await startRedisServer() : undefined;
  onTestFinished(async () => await redis?.remove());
  const env = { DATABASE_URL: url, ...(redis && { REDIS_URL: redis.url }) };
  return { env, db, redis, players: await insertPlayers(db, 10) };
}

async function start({ env }: Stage): Promise<TestProcess> {
  const process = await startProcess(env);
  onTestFinished(async () => void (await process.kill()));
  return process;
}

async function watch({ url }: TestProcess): Promise<TestStream> {
  return await openStream(`${url}/v1/leaderboards/global/stream?limit=100`);
}

/** Scores at one process; resolves with how long it took until the last stream showed it. */
async function scoreAndWatch(
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

async function expectOrderOfPostgres({ db }: Stage, streams: readonly TestStream[]): Promise<void> {
  const order = await boardOfPostgres(db);
  for (const stream of streams) {
    const isSame = () => JSON.stringify(stream.pages().at(-1)?.entries) === JSON.stringify(order);
    await until('the stream shows the order of PostgreSQL', isSame, { timeoutMs: HEALED_MS + SLACK_MS });
  }
}

const stores = [
  ['PostgreSQL alone', false],
  ['PostgreSQL and Redis', true],
] as const;

describe.each(stores)('three processes with %s', (_, withRedis) => {
  it('show on every stream, soon, what was scored at one', { timeout: 120_000 }, async () => {
    const stage = await createStage(withRedis);
    const processes = await Promise.all([1, 2, 3].map(async () => await start(stage)));
    const streams = await Promise.all(processes.map(watch));
    const took: number[] = [];
    for (let n = 0; n < 9; n += 1)
      took.push(await scoreAndWatch(nth(processes, n), nth(stage.players, n), streams));
    const [middle = Infinity] = took.toSorted((one, other) => one - other).slice(4);
    expect(middle).toBeLessThan(SOON_MS);
    await expectOrderOfPostgres(stage, streams);
  });

  it(
    'show the order of PostgreSQL again after one was killed and came back',
    { timeout: 120_000 },
    async () => {
      const stage = await createStage(withRedis);
      const processes = await Promise.all([1, 2, 3].map(async () => await start(stage)));
      const streams = await Promise.all(processes.map(watch));
      await scoreAndWatch(nth(processes, 0), nth(stage.players, 0), streams);
      await nth(processes, 2).kill();
      await scoreAndWatch(nth(processes, 0), nth(stage.players, 1), streams.slice(0, 2));
      const back = await start(stage);
      const all = [...streams.slice(0, 2), await watch(back)];
      await scoreAndWatch(back, nth(stage.players, 2), all);
      await expectOrderOfPostgres(stage, all);
    },
  );
});

it(
  'show the order of PostgreSQL again after Redis was killed and came back',
  { timeout: 120_000 },
  async () => {
    const stage = await createStage(true);
    const processes = await Promise.all([1, 2, 3].map(async () => await start(stage)));
    const streams = await Promise.all(processes.map(watch));
    await scoreAndWatch(nth(processes, 0), nth(stage.players, 0), streams);
    await stage.redis?.crash();
    await scoreAndWatch(nth(processes, 1), nth(stage.players, 1), streams);
    await stage.redis?.start();
    await scoreAndWatch(nth(processes, 2), nth(stage.players, 2), streams);
    await expectOrderOfPostgres(stage, streams);
  },
);

it(
  'hear of changes again after the connection that tells of them was cut',
  { timeout: 120_000 },
  async () => {
    const stage = await createStage(false);
    const processes = await Promise.all([1, 2].map(async () => await start(stage)));
    const streams = await Promise.all(processes.map(watch));
    const listeners = async () =>
      await stage.db.run<{ pid: number }>(listening, []).then((rows) => rows.map(({ pid }) => pid));
    const before = await until(
      'both listen',
      async () => (await listeners()).length === 2 && (await listeners()),
    );
    await stage.db.run(cut, []);
    await until('both listen again', async () => {
      const now = await listeners();
      return now.length === 2 && now.every((pid) => !before.includes(pid));
    });
    const took: number[] = [];
    for (let n = 0; n < 5; n += 1)
      took.push(await scoreAndWatch(nth(processes, n), nth(stage.players, n), streams));
    const [middle = Infinity] = took.toSorted((one, other) => one - other).slice(2);
    expect(middle).toBeLessThan(SOON_MS);
    await expectOrderOfPostgres(stage, streams);
  },
);

const isListening = `datname = current_database() AND application_name = 'laurel-notices'`;
const listening = {
  name: 'test_listening',
  text: `SELECT pid FROM pg_stat_activity WHERE ${isListening} AND state = 'idle' ORDER BY pid`,
};
const cut = {
  name: 'test_cut_listening',
  text: `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE ${isListening}`,
};
