import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { type IndexedEntries, toEntries } from './entries.ts';
import { boardKeys } from './keys.ts';

const page = loadBoardScript('find-page.lua');

export interface IndexedPage extends IndexedEntries {
  /** By the clock of Redis, in milliseconds since 1970. */
  readonly readAt: number;
}

/** Finds `limit` entries (100 at most) from `offset` and the number of players; undefined when the board is not ready. */
export async function findIndexedPage(
  redis: ScriptRunner,
  leaderboardId: string,
  { limit, offset }: { limit: number; offset: number },
): Promise<IndexedPage | undefined> {
  const { board, members, ready } = boardKeys(leaderboardId);
  const reply = await redis.run(page, [board, members, ready], [FORMAT, offset, offset + limit - 1]);
  if (reply === null) return undefined;
  const [totalPlayers, seconds, microseconds, ...entries] = reply as readonly unknown[];
  return {
    totalPlayers: Number(totalPlayers),
    entries: toEntries(entries, offset + 1),
    readAt: Number(seconds) * 1000 + Math.floor(Number(microseconds) / 1000),
  };
}
