import { runLoad } from '../harness/load.ts';
import { readRedisFigure } from '../harness/redis.ts';
import type { Row } from '../harness/report.ts';
import type { BenchService } from '../harness/service.ts';
import { ratiosOf, spreadOf } from '../harness/statistics.ts';
import type { LoadResult } from '../load-generator/plan.ts';
import { type Board, type Stores, writeTo } from './board.ts';

const READ_CONNECTIONS = 8;
/** The design's, from ten thousand players to a million. */
const MAX_GROWTH = 1.5;

interface Size {
  readonly rounds: number;
  readonly seconds: number;
}

/** Something that is done to a board of each size. */
interface Work {
  readonly what: string;
  readonly serviceOf: (board: Board) => BenchService;
  readonly run: (board: Board, size: Size) => Promise<readonly LoadResult[]>;
}

const works: readonly Work[] = [
  {
    what: 'score update, Redis',
    serviceOf: (board) => board.indexed,
    run: async (board, size) => await writeTo(board, [board.indexed], size),
  },
  {
    what: 'position, Redis',
    serviceOf: (board) => board.indexed,
    run: async (board, size) => [await askPositions(board, board.indexed, size)],
  },
  {
    what: 'position, PostgreSQL',
    serviceOf: (board) => board.plain,
    run: async (board, size) => [await askPositions(board, board.plain, size)],
  },
];

interface Cost {
  /** Of the service, PostgreSQL and Redis, for each request. */
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
}

/** What requests cost on boards of every size, in rounds over all of them, beside the smallest. */
export async function measureCosts(stores: Stores, boards: readonly Board[], size: Size): Promise<Row[]> {
  const rows: Row[] = [];
  for (const work of works) {
    const costs = boards.map((): Cost[] => []);
    for (let round = 0; round < size.rounds; round += 1) {
      for (const [index, board] of boards.entries())
        costs[index]?.push(await measureCost(stores, { work, board, size }));
    }
    rows.push(...boards.flatMap((board, index) => toRows(work, board, [costs[index] ?? [], costs[0] ?? []])));
  }
  return rows;
}

async function measureCost(
  { postgres, redis }: Stores,
  { work, board, size }: { work: Work; board: Board; size: Size },
): Promise<Cost> {
  const cpuSeconds = async () => {
    const service = work.serviceOf(board).usage().cpuSeconds;
    const user = await readRedisFigure(redis, 'cpu', 'used_cpu_user');
    const system = await readRedisFigure(redis, 'cpu', 'used_cpu_sys');
    return service + (await postgres.cpuSeconds()) + user + system;
  };
  await postgres.settle();
  const before = await cpuSeconds();
  const results = await work.run(board, size);
  const used = (await cpuSeconds()) - before;
  const answers = results.reduce((sum, { statuses }) => sum + (statuses[200] ?? 0), 0);
  return { cpuMicroseconds: (used * 1e6) / answers, p99Ms: results[0]?.latencyMs.p99 ?? Number.NaN };
}

async function askPositions(
  { loggedIn }: Board,
  { port }: BenchService,
  { seconds }: Size,
): Promise<LoadResult> {
  const requests = loggedIn.map(({ userId }) => ({
    method: 'GET',
    path: `/v1/leaderboards/global/users/${userId}`,
  }));
  const plan = { port, connections: READ_CONNECTIONS, requests, repeat: true, expect: 200 };
  return await runLoad({ ...plan, warmUpMs: 300, measureMs: seconds * 1000 });
}

function toRows(
  { what }: Work,
  { players }: Board,
  [own, smallest]: [readonly Cost[], readonly Cost[]],
): Row[] {
  const costs = (all: readonly Cost[]) => all.map(({ cpuMicroseconds }) => cpuMicroseconds);
  const p99Ms = own.map((cost) => cost.p99Ms);
  return [
    {
      what: `${what}, ${players} players, CPU of all`,
      unit: 'µs',
      value: spreadOf(costs(own)),
      ...(own !== smallest && {
        ratio: { to: 'the smallest', value: spreadOf(ratiosOf(costs(own), costs(smallest))) },
        target: { atMost: MAX_GROWTH },
      }),
    },
    { what: '  p99', unit: 'ms', value: spreadOf(p99Ms) },
  ];
}
