import { isContention, isDatabaseUnavailable } from '../db/index.ts';
import type { BoardChanges, Rankings } from '../leaderboards/index.ts';
import type { Scored } from './score.ts';

/**
 * Tells the rankings of a committed score, or again of one whose answer was lost. Returns the player's rank, or null when
 * it is not known.
 */
export async function rankScored(
  rankings: Rankings | undefined,
  { verdict, current }: Scored,
): Promise<number | null> {
  const { leaderboardId, userId } = verdict;
  return (await rankings?.write({ leaderboardId, userId, ...current })) ?? null;
}

/** After the rankings were told: who hears of it may read them. */
export function announceScored(changes: BoardChanges, { verdict, current }: Scored): void {
  const { leaderboardId, userId } = verdict;
  const { totalScore, scoreFirstReachedAt } = current;
  changes.announce({ leaderboardId, userId, score: { totalScore, scoreFirstReachedAt } });
}

/** A connection that is lost may have lost the answer to a commit: then nobody told the rankings of it. */
export function doubtRankings(rankings: Rankings | undefined, error: unknown): never {
  if (isDatabaseUnavailable(error) && !isContention(error)) rankings?.fallBehind();
  throw error;
}
