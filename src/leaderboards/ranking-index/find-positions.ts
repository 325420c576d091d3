import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { type IndexedEntries, toEntries } from './entries.ts';
import { boardKeys } from './keys.ts';
import { toCompactId } from './member.ts';

/** A player to find, with up to `around` neighbours (50 at most) on each side. */
export interface Sought {
  readonly userId: string;
  readonly around: number;
}

const positions = loadBoardScript('find-positions.lua');

/**
 * Finds players of one board, each with neighbours, in rank order, as of one moment; no entries for a player who is not
 * on the board, undefined when the board is not ready.
 */
export async function findIndexedPositions(
  redis: ScriptRunner,
  leaderboardId: string,
  players: readonly Sought[],
): Promise<IndexedEntries[] | undefined> {
  const { board, members, ready } = boardKeys(leaderboardId);
  const sought = players.flatMap(({ userId, around }) => [toCompactId(userId), around]);
  const reply = await redis.run(positions, [board, members, ready], [FORMAT, ...sought]);
  if (reply === null) return undefined;
  const [total, ...found] = reply as readonly [unknown, ...(readonly unknown[])[]];
  const totalPlayers = Number(total);
  return found.map(([first, ...entries]) => ({ totalPlayers, entries: toEntries(entries, Number(first)) }));
}
