import type { Leaderboard } from './leaderboard.ts';
import { type Leaderboards, readNewest } from './read.ts';
import { selectLeaderboards } from './repository.ts';

/** Every leaderboard, oldest first; operators make few of them, so there are no pages. */
export async function listLeaderboards(
  leaderboards: Pick<Leaderboards, 'db' | 'reads'>,
): Promise<Leaderboard[]> {
  return await readNewest(leaderboards, { key: 'leaderboards', query: selectLeaderboards });
}
