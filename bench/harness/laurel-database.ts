import { connectPostgres, migratePostgres } from '../../src/db/index.ts';
import { rebalanceBuckets } from '../../src/scores/index.ts';
import { fillPlayers } from './players.ts';
import type { BenchPostgres } from './postgres.ts';

const PATIENCE_MS = 600_000;

/** Makes a database of Laurel with a global leaderboard of `players`, as it is after a while. Returns its URL. */
export async function createLaurelDatabase(
  postgres: BenchPostgres,
  name: string,
  players: number,
): Promise<string> {
  const url = await postgres.createDatabase(name);
  await migratePostgres({ url, caFile: undefined });
  await fillPlayers(postgres, name, players);
  const db = connectPostgres({
    url,
    poolSize: 2,
    caFile: undefined,
    onIdleError: () => {},
    timeouts: { connectMs: 2000, statementMs: PATIENCE_MS, silenceMs: PATIENCE_MS },
  });
  try {
    while ((await rebalanceBuckets(db, { unsplittable: new Map() })) > 0);
  } finally {
    await db.close();
  }
  await postgres.query(name, 'VACUUM ANALYZE');
  return url;
}
