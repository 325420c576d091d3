import { type Queries, sqlState } from '../../db/index.ts';
import type { RedisCalls } from '../../redis/index.ts';
import { findOrigin, type Origin, startOver } from '../ranking-index/index.ts';
import { selectOrigin } from './repository.ts';

/** Not supported, no privilege, no such function, not the right state: services like PostgreSQL that keep no such log. */
const UNTOLD_SQLSTATE = new Set(['0A000', '42501', '42883', '55000']);

/** Where PostgreSQL stands, and whether the board was started over because of it: then only a rebuild helps. */
interface SettledOrigin {
  readonly origin: Origin | undefined;
  readonly isStartedOver: boolean;
}

/** Starts the board over when it may hold what PostgreSQL has lost. Whatever then notes the origin comes after this. */
export async function settleOrigin(
  db: Queries,
  redis: RedisCalls,
  leaderboardId: string,
): Promise<SettledOrigin> {
  // In this order: what another process notes meanwhile may be later than what was read before.
  const known = await findOrigin(redis, leaderboardId);
  const origin = await readOrigin(db);
  const isStartedOver = known !== undefined && origin !== undefined && isAhead(known, origin);
  if (isStartedOver) await startOver(redis, leaderboardId, origin);
  return { origin, isStartedOver };
}

/** Undefined when the server does not tell. */
async function readOrigin(db: Queries): Promise<Origin | undefined> {
  try {
    return await selectOrigin(db);
  } catch (error) {
    if (UNTOLD_SQLSTATE.has(sqlState(error) ?? '')) return undefined;
    throw error;
  }
}

/**
 * Whether the board was built from another database, or from this one when its log went further. That is so after a
 * restore, and after a failover that cost the last commits.
 */
function isAhead(known: Origin, now: Origin): boolean {
  return known.database !== now.database || BigInt(known.position) > BigInt(now.position);
}
