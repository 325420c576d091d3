import { AppError } from '../errors.ts';
import type { Page } from './leaderboard.ts';
import { type Leaderboards, readRecent } from './read.ts';
import { findPage } from './repository.ts';

/** Reads a page as of 2 s ago or later. Throws leaderboard_not_found. */
export async function readPage(
  leaderboards: Leaderboards,
  { leaderboardId, limit, offset }: { leaderboardId: string; limit: number; offset: number },
): Promise<Page> {
  const ranked = await leaderboards.rankings?.findPage(leaderboardId, { limit, offset });
  if (ranked !== undefined) return { leaderboardId, ...ranked, source: 'redis' };
  const page = await readRecent(leaderboards, {
    key: `page ${leaderboardId} ${limit} ${offset}`,
    query: async (db) => await findPage(db, leaderboardId, { limit, offset }),
    isFound: (found) => found !== undefined,
  });
  if (page === undefined) throw leaderboardNotFound(leaderboardId);
  return { ...page, source: 'postgres' };
}

export function leaderboardNotFound(leaderboardId: string): AppError {
  return new AppError('leaderboard_not_found', `there is no leaderboard ${leaderboardId}`);
}
