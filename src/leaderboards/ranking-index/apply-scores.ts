import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { boardKeys } from './keys.ts';
import { type IndexedScore, toUpdates } from './score.ts';

const apply = loadBoardScript('apply.lua');

export interface AppliedScores {
  readonly totalPlayers: number;
  /** For each score in order, the player's rank with all of them applied; null for a deleted player. */
  readonly ranks: readonly (number | null)[];
}

/**
 * Applies up to 64 scores to the board, and to the next one while it is built; undefined when the board is not ready.
 * A score changes something only when its version is higher than the stored one, so scores may come twice, late and
 * in any order. Throws RangeError for more than 64, TypeError for a user id that is no UUID.
 */
export async function applyScores(
  redis: ScriptRunner,
  leaderboardId: string,
  scores: readonly IndexedScore[],
): Promise<AppliedScores | undefined> {
  const { board, members, ready, tombstones, next, nextMembers, rebuild } = boardKeys(leaderboardId);
  const keys = [board, members, ready, tombstones, next, nextMembers, rebuild];
  const reply = await redis.run(apply, keys, [FORMAT, ...toUpdates(scores)]);
  if (reply === null) return undefined;
  const [totalPlayers, ...ranks] = reply as readonly unknown[];
  return {
    totalPlayers: Number(totalPlayers),
    ranks: ranks.map((rank) => (rank === null ? null : Number(rank))),
  };
}
