import type { ScriptRunner } from '../../redis/index.ts';
import { loadBoardScript, MAX_UPDATES } from './board-script.ts';
import { boardKeys } from './keys.ts';
import { toCompactId } from './member.ts';

const remove = loadBoardScript('remove.lua');

/** Longer than any update waits to be written. */
const TOMBSTONE_SECONDS = 3600;

/**
 * Takes up to 64 players off the board, ready or not, and off the next one; returns how many were on the board.
 * For an hour no update brings them back. Throws RangeError for more than 64, TypeError for what is no UUID.
 */
export async function removePlayers(
  redis: ScriptRunner,
  leaderboardId: string,
  userIds: readonly string[],
): Promise<number> {
  if (userIds.length === 0) return 0;
  if (userIds.length > MAX_UPDATES) throw new RangeError(`${userIds.length} players, and 64 are the most`);
  const { board, members, next, nextMembers, tombstones } = boardKeys(leaderboardId);
  const keys = [board, members, next, nextMembers, tombstones];
  return Number(await redis.run(remove, keys, [TOMBSTONE_SECONDS, ...userIds.map(toCompactId)]));
}
