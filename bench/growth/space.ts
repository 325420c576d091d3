import { readRedisFigure } from '../harness/redis.ts';
import type { Row } from '../harness/report.ts';
import { spreadOf } from '../harness/statistics.ts';
import { type Board, type Stores, writeCount } from './board.ts';

/** Of prepared requests in memory at once. */
const AT_ONCE = 60_000;

interface Space {
  readonly databaseBytes: number;
  readonly rankingIndexBytes: number;
  readonly indexesBytes: number;
  readonly walBytes: number;
  readonly redisBytes: number;
}

/** What so many updates leave behind: measured before and after, nothing is extrapolated. */
export async function measureSpace(stores: Stores, board: Board, writes: number): Promise<Row[]> {
  const before = await readSpace(stores, board);
  for (let left = writes; left > 0; left -= AT_ONCE) await writeCount(board, Math.min(left, AT_ONCE));
  const after = await readSpace(stores, board);
  const each = (name: keyof Space) => spreadOf([(after[name] - before[name]) / writes]);
  const size = (name: 'rankingIndexBytes' | 'indexesBytes', what: string): Row => ({
    what,
    unit: 'KiB',
    value: spreadOf([after[name] / 1024]),
    ratio: { to: 'before', value: spreadOf([after[name] / before[name]]) },
  });
  return [
    size('rankingIndexBytes', `ranking index, ${board.players} players, after ${writes} updates`),
    size('indexesBytes', '  all indexes of scores'),
    { what: '  database, an update', unit: 'bytes', value: each('databaseBytes') },
    { what: '  write-ahead log, an update', unit: 'bytes', value: each('walBytes') },
    { what: '  Redis with limits and sessions, an update', unit: 'bytes', value: each('redisBytes') },
  ];
}

async function readSpace({ postgres, redis }: Stores, { database }: Board): Promise<Space> {
  const [row] = await postgres.query<Omit<Space, 'walBytes' | 'redisBytes'>>(
    database,
    `SELECT pg_database_size(current_database())::float8 AS "databaseBytes",
       pg_relation_size('scores_rank_idx')::float8 AS "rankingIndexBytes",
       pg_indexes_size('scores')::float8 AS "indexesBytes"`,
  );
  if (row === undefined) throw new Error(`${database} does not tell its size`);
  const redisBytes = await readRedisFigure(redis, 'memory', 'used_memory');
  return { ...row, walBytes: await postgres.walBytes(), redisBytes };
}
