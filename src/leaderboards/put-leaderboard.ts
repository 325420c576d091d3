import type { Leaderboard } from './leaderboard.ts';
import type { Leaderboards } from './read.ts';
import { upsertLeaderboard } from './repository.ts';

/** Makes a leaderboard, or changes the title of one; tells which it was. */
export async function putLeaderboard(
  { db, rankings }: Pick<Leaderboards, 'db' | 'rankings'>,
  leaderboard: Pick<Leaderboard, 'id' | 'title'>,
): Promise<{ leaderboard: Leaderboard; created: boolean }> {
  const put = await upsertLeaderboard(db, leaderboard);
  if (put.created) rankings?.sync.requestRebuild(leaderboard.id);
  return put;
}
