import type { Leaderboard } from './leaderboard.ts';
import type { Leaderboards } from './read.ts';
import { selectLeaderboards } from './repository.ts';

/** Every leaderboard, oldest first; operators make few of them, so there are no pages. */
export async function listLeaderboards({ db }: Pick<Leaderboards, 'db'>): Promise<Leaderboard[]> {
  return await selectLeaderboards(db);
}
