import { connectPostgres, type Database, migratePostgres } from '../src/db/index.ts';
import { openStore } from './soak/store.ts';

interface BenchDatabase {
  readonly db: Database;
  readonly remove: () => Promise<void>;
}

const PATIENCE_MS = 1_800_000;

/** A migrated PostgreSQL: `private` (a server for this run), or the URL of a database that may be filled. */
export async function openBenchDatabase(store: string): Promise<BenchDatabase> {
  if (store === 'embedded') throw new Error('--store must be private or a URL: this measures a server');
  const opened = await openStore({ store });
  const url = opened.env['DATABASE_URL'] ?? '';
  await migratePostgres({ url, caFile: undefined });
  const db = connectPostgres({
    url,
    poolSize: 4,
    caFile: undefined,
    onIdleError: () => {},
    timeouts: { connectMs: 2000, statementMs: PATIENCE_MS, silenceMs: PATIENCE_MS },
  });
  const remove = async () => {
    await db.close();
    await opened.remove();
  };
  return { db, remove };
}

/** Runs a statement that is needed once. */
export async function execute<Row>(
  db: Database,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  executed += 1;
  return await db.run<Row>({ name: `bench_${executed}`, text }, values);
}

let executed = 0;

export function medianOf(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** Milliseconds that `work` takes. */
export async function timeOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
