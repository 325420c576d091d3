import type { Benchmark } from './benchmark.ts';
import { assertBoardExact } from './harness/board-check.ts';
import { createLaurelDatabase } from './harness/laurel-database.ts';
import type { Lifetime } from './harness/lifetime.ts';
import { logInPlayers } from './harness/players.ts';
import { startBenchPostgres } from './harness/postgres.ts';
import { startBenchRedis } from './harness/redis.ts';
import type { Row } from './harness/report.ts';
import { startBenchService, untilIndexed } from './harness/service.ts';
import { type Board, type Stores, writeCount } from './growth/board.ts';
import { measureCosts } from './growth/costs.ts';
import { measureProcesses } from './growth/processes.ts';
import { measureSpace } from './growth/space.ts';

/** Who play; the others are only there. */
const ACTIVE = 10_000;
/** Code is compiled and connections are made by then. */
const WARM_UP_WRITES = 1000;
/** At the 200 updates a second that the specification asks for. */
const HOUR_OF_WRITES = 720_000;

const sizes = {
  default: { players: [10_000, 100_000, 1_000_000], rounds: 3, seconds: 1, writes: 60_000 },
  quick: { players: [10_000, 20_000], rounds: 1, seconds: 1.5, writes: 2000 },
  large: {
    players: [10_000, 100_000, 1_000_000, 5_000_000],
    rounds: 5,
    seconds: 2,
    writes: HOUR_OF_WRITES,
  },
};

/** What an update and a position cost as a board grows, what updates leave behind, and what more processes bring. */
export const measureGrowth: Benchmark = async (lifetime, { quick, large }) => {
  const { players, ...size } = sizes[quick ? 'quick' : large ? 'large' : 'default'];
  const stores: Stores = {
    postgres: await startBenchPostgres(lifetime),
    redis: await startBenchRedis(lifetime),
  };
  const boards: Board[] = [];
  for (const count of players) boards.push(await openBoard(lifetime, stores, boards.length, count));
  for (const board of boards) await writeCount(board, WARM_UP_WRITES);
  const [smallest, next] = boards;
  if (smallest === undefined || next === undefined) throw new Error('growth needs two sizes');
  const rows: Row[] = [
    ...(await measureCosts(stores, boards, size)),
    ...(await measureSpace(stores, smallest, size.writes)),
    ...(await measureProcesses(lifetime, next, size)),
  ];
  for (const board of boards) await assertBoardExact(stores.postgres, { ...board, service: board.indexed });
  const { postgres, redis } = stores;
  return { rows, setting: { ...size, postgres: postgres.description, redis: redis.description } };
};

/** A database, a number of Redis and the services for one size. */
async function openBoard(
  lifetime: Lifetime,
  { postgres, redis }: Stores,
  number: number,
  players: number,
): Promise<Board> {
  const database = `growth_${players}`;
  const url = await createLaurelDatabase(postgres, database, players);
  const active = Math.min(ACTIVE, players);
  const step = Math.floor(players / active);
  const loggedIn = await logInPlayers(postgres, database, active, step);
  const env = {
    DATABASE_URL: url,
    RATE_LIMIT_READS_PER_MINUTE: '1000000',
    RATE_LIMIT_SCORES_PER_MINUTE: '1000000',
  };
  const indexedEnv = { ...env, REDIS_URL: `${redis.url}/${number}` };
  const plain = await startBenchService(lifetime, env);
  const indexed = await startBenchService(lifetime, indexedEnv);
  await untilIndexed(indexed);
  return { players, database, loggedIn, plain, indexed, indexedEnv, accepted: 0 };
}
