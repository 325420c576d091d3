import { type Queries, sqlState } from '../../db/index.ts';
import type { RedisCalls } from '../../redis/index.ts';
import { findOrigin, type Origin } from '../ranking-index/index.ts';
import { selectOrigin } from './repository.ts';

/** Not supported, no privilege, no such function, not the right state: services like PostgreSQL that keep no such log. */
const UNTOLD_SQLSTATE = new Set(['0A000', '42501', '42883', '55000']);

/** Undefined when the server does not tell. */
export async function readOrigin(db: Queries): Promise<Origin | undefined> {
  try {
    return await selectOrigin(db);
  } catch (error) {
    if (UNTOLD_SQLSTATE.has(sqlState(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * Whether the index may hold what this database has lost: it was built from another one, or from this one when its log
 * went further. That is so after a restore, and after a failover that cost the last commits.
 */
export async function isAhead(redis: RedisCalls, leaderboardId: string, now: Origin): Promise<boolean> {
  const known = await findOrigin(redis, leaderboardId);
  if (known === undefined) return false;
  return known.database !== now.database || BigInt(known.position) > BigInt(now.position);
}
