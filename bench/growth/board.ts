import { randomInt } from 'node:crypto';

import { runLoad } from '../harness/load.ts';
import { type LoggedIn, toScoreRequest } from '../harness/players.ts';
import type { BenchPostgres } from '../harness/postgres.ts';
import type { startBenchRedis } from '../harness/redis.ts';
import type { BenchService } from '../harness/service.ts';
import type { LoadResult } from '../load-generator/plan.ts';
import type { HttpRequest } from '../load-generator/request-file.ts';

const CONNECTIONS = 64;
const MAX_DELTA = 100;
/** More than any machine of this size has shown. */
const MAX_PER_SECOND = 16_000;
const WARM_UP_MS = 300;

export interface Stores {
  readonly postgres: BenchPostgres;
  readonly redis: Awaited<ReturnType<typeof startBenchRedis>>;
}

/** A leaderboard of one size. */
export interface Board {
  readonly players: number;
  readonly database: string;
  /** Spread over all of the board. */
  readonly loggedIn: readonly LoggedIn[];
  /** Reads PostgreSQL, and is sent no updates: those would pass by the index. */
  readonly plain: BenchService;
  readonly indexed: BenchService;
  readonly indexedEnv: Readonly<Record<string, string>>;
  /** How many updates were answered with 200 so far. */
  accepted: number;
}

/** Sends updates for so long, over as many connections for each service. Returns what each load generator saw. */
export async function writeTo(
  board: Board,
  services: readonly BenchService[],
  { seconds }: { seconds: number },
): Promise<LoadResult[]> {
  const measureMs = seconds * 1000;
  const count = Math.ceil((MAX_PER_SECOND * (WARM_UP_MS + measureMs)) / 1000 / services.length);
  const loads = services.map(async ({ port }) => {
    const connections = Math.ceil(CONNECTIONS / services.length);
    const requests = scoreRequests(board, count);
    const plan = { port, connections, requests, repeat: false, expect: 200 };
    return await runLoad({ ...plan, warmUpMs: WARM_UP_MS, measureMs });
  });
  return counted(board, await Promise.all(loads));
}

/** Sends so many updates, however long they take. */
export async function writeCount(board: Board, count: number): Promise<void> {
  const requests = scoreRequests(board, count);
  const plan = { port: board.indexed.port, connections: CONNECTIONS, requests, repeat: false, expect: 200 };
  const result = await runLoad({ ...plan, warmUpMs: 0, measureMs: 3_600_000 });
  counted(board, [result]);
}

function counted(board: Board, results: LoadResult[]): LoadResult[] {
  for (const { statuses } of results) board.accepted += statuses[200] ?? 0;
  return results;
}

function* scoreRequests({ loggedIn }: Board, count: number): Generator<HttpRequest> {
  const start = randomInt(loggedIn.length);
  for (let n = 0; n < count; n += 1) {
    const player = loggedIn[(start + n) % loggedIn.length];
    if (player !== undefined) yield toScoreRequest(player, randomInt(1, MAX_DELTA + 1));
  }
}
