import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { inGroupsOf } from './entries.ts';
import { boardKeys } from './keys.ts';
import { fromMember, toCompactId } from './member.ts';
import type { IndexedScore } from './score.ts';

const top = loadBoardScript('find-top.lua');
const scores = loadBoardScript('find-scores.lua');
const count = loadBoardScript('count-players.lua');

export interface IndexedTop {
  readonly totalPlayers: number;
  /** Best first. */
  readonly scores: readonly IndexedScore[];
}

/** Finds the best `limit` players with their versions; undefined when the board is not ready. */
export async function findIndexedTop(
  redis: ScriptRunner,
  leaderboardId: string,
  limit: number,
): Promise<IndexedTop | undefined> {
  const reply = await redis.run(top, readKeys(leaderboardId), [FORMAT, limit]);
  if (reply === null) return undefined;
  const [totalPlayers, ...parts] = reply as readonly unknown[];
  return { totalPlayers: Number(totalPlayers), scores: inGroupsOf(3, parts).map(toScore) };
}

/**
 * Finds what the board holds of each of up to 100 players, with versions; an entry is undefined for a player who is
 * not on it. Undefined when the board is not ready.
 */
export async function findIndexedScores(
  redis: ScriptRunner,
  leaderboardId: string,
  userIds: readonly string[],
): Promise<(IndexedScore | undefined)[] | undefined> {
  const reply = await redis.run(scores, readKeys(leaderboardId), [FORMAT, ...userIds.map(toCompactId)]);
  if (reply === null) return undefined;
  return inGroupsOf(3, reply as readonly unknown[]).map((parts) =>
    parts[0] === null ? undefined : toScore(parts),
  );
}

/** Counts the players of the board; undefined when it is not ready. */
export async function countIndexedPlayers(
  redis: ScriptRunner,
  leaderboardId: string,
): Promise<number | undefined> {
  const reply = await redis.run(count, readKeys(leaderboardId), [FORMAT]);
  return reply === null ? undefined : Number(reply);
}

function readKeys(leaderboardId: string): string[] {
  const { board, members, ready } = boardKeys(leaderboardId);
  return [board, members, ready];
}

function toScore([member, score, version]: readonly unknown[]): IndexedScore {
  return { ...fromMember(String(member)), totalScore: Number(score), version: Number(version) };
}
