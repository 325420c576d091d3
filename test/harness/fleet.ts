import { connectPostgres, type Database } from '../../src/db/index.ts';
import { cleanUp } from './cleanup.ts';
import { createTestDatabase } from './database.ts';
import type { InsertedPlayer } from './players.ts';
import type { VerdictBody } from './play.ts';
import { startProcess, type TestProcess } from './process.ts';

export interface Fleet {
  readonly processes: readonly TestProcess[];
  readonly db: Database;
  readonly databaseUrl: string;
}

/** Several real processes on one PostgreSQL database, and a connection of the test's own to look at it. */
export async function startFleet(count: number, env: Readonly<Record<string, string>> = {}): Promise<Fleet> {
  const { url } = await createTestDatabase();
  const db = connectPostgres({ url, poolSize: 4, caFile: undefined, onIdleError: () => {} });
  cleanUp(async () => await db.close());
  const start = async () => await startProcess({ DATABASE_URL: url, LOG_LEVEL: 'info', ...env });
  const processes = await Promise.all(Array.from({ length: count }, start));
  return { processes, db, databaseUrl: url };
}

export interface SpendAnswer {
  readonly status: number;
  readonly body: VerdictBody & { readonly code?: string };
  readonly replayed: boolean;
  readonly retryAfter: string | null;
}

/** Spends a token at one process, over a real socket. */
export async function spend(
  process: Pick<TestProcess, 'url'>,
  player: InsertedPlayer,
  actionToken: string,
  scoreDelta: number,
): Promise<SpendAnswer> {
  const response = await fetch(`${process.url}/v1/scores`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${player.accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ action_token: actionToken, score_delta: scoreDelta }),
    signal: AbortSignal.timeout(20_000),
  });
  return {
    status: response.status,
    body: (await response.json()) as SpendAnswer['body'],
    replayed: response.headers.get('Idempotent-Replayed') === 'true',
    retryAfter: response.headers.get('Retry-After'),
  };
}

/** Picks the n-th of a non-empty list, round and round. */
export function nth<Item>(items: readonly Item[], n: number): Item {
  const item = items[n % items.length];
  if (item === undefined) throw new Error('the list is empty');
  return item;
}
