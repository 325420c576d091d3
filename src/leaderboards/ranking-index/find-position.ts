import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { type IndexedEntries, toEntries } from './entries.ts';
import { boardKeys } from './keys.ts';
import { toCompactId } from './member.ts';

const position = loadBoardScript('find-position.lua');

/**
 * Finds a player with up to `around` neighbours (50 at most) on each side, in rank order; no entries for a player who
 * is not on the board, undefined when the board is not ready.
 */
export async function findIndexedPosition(
  redis: ScriptRunner,
  leaderboardId: string,
  { userId, around }: { userId: string; around: number },
): Promise<IndexedEntries | undefined> {
  const { board, members, ready } = boardKeys(leaderboardId);
  const reply = await redis.run(position, [board, members, ready], [FORMAT, toCompactId(userId), around]);
  if (reply === null) return undefined;
  const [totalPlayers, firstRank, ...entries] = reply as readonly unknown[];
  return { totalPlayers: Number(totalPlayers), entries: toEntries(entries, Number(firstRank)) };
}
