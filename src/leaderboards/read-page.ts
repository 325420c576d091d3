import { AppError } from '../errors.ts';
import type { Page } from './leaderboard.ts';
import { type Leaderboards, type Read, readNewest, readRecent } from './read.ts';
import { findPage } from './repository.ts';

interface PageInput {
  readonly leaderboardId: string;
  readonly limit: number;
  readonly offset: number;
}

/** Reads a page as of 2 s ago or later; those who share a read share its object. Throws leaderboard_not_found. */
export async function readPage(leaderboards: Leaderboards, input: PageInput): Promise<Page> {
  return await readFrom(leaderboards, input, readRecent);
}

/** Reads a page from the index or the primary, never from a replica. Throws leaderboard_not_found. */
export async function readNewestPage(leaderboards: Leaderboards, input: PageInput): Promise<Page> {
  return await readFrom(leaderboards, input, readNewest);
}

async function readFrom(
  leaderboards: Leaderboards,
  { leaderboardId, limit, offset }: PageInput,
  readPostgres: typeof readRecent,
): Promise<Page> {
  const ranked = await leaderboards.rankings?.findPage(leaderboardId, { limit, offset });
  if (ranked !== undefined) return ranked;
  const read: Read<Page | undefined> = {
    key: `page ${leaderboardId} ${limit} ${offset}`,
    query: async (db) => {
      const page = await findPage(db, leaderboardId, { limit, offset });
      return page && { ...page, source: 'postgres' };
    },
    isFound: (found) => found !== undefined,
  };
  const page = await readPostgres(leaderboards, read);
  if (page === undefined) throw leaderboardNotFound(leaderboardId);
  return page;
}

export function leaderboardNotFound(leaderboardId: string): AppError {
  return new AppError('leaderboard_not_found', `there is no leaderboard ${leaderboardId}`);
}
