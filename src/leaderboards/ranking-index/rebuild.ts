import type { ScriptRunner } from '../../redis/index.ts';
import { FORMAT, loadBoardScript } from './board-script.ts';
import { boardKeys } from './keys.ts';
import { type IndexedScore, toUpdates } from './score.ts';

const begin = loadBoardScript('begin-rebuild.lua');
const add = loadBoardScript('add-rows.lua');
const finish = loadBoardScript('switch-rebuild.lua');
const abandon = loadBoardScript('abandon-rebuild.lua');

/** A rebuild that adds no rows for so long counts as dead. */
const EXPIRY_SECONDS = 60;

/**
 * Begins to build the next board, empty at first, under a new id; the rebuild before it is superseded. From now on
 * applyScores and removePlayers work on the next board too.
 */
export async function beginRebuild(redis: ScriptRunner, leaderboardId: string, id: string): Promise<void> {
  const { rebuild, next, nextMembers } = boardKeys(leaderboardId);
  await redis.run(begin, [rebuild, next, nextMembers], [toMarker(id), EXPIRY_SECONDS]);
}

/**
 * Adds up to 64 rows to the next board, under the same conditions as applyScores, and keeps the rebuild alive, which
 * no rows at all do too. False when it is superseded: another began, 60 s passed without rows, or Redis was emptied. Throws as applyScores does.
 */
export async function addRows(
  redis: ScriptRunner,
  leaderboardId: string,
  { id, rows }: { id: string; rows: readonly IndexedScore[] },
): Promise<boolean> {
  const { rebuild, next, nextMembers, tombstones } = boardKeys(leaderboardId);
  const args = [toMarker(id), EXPIRY_SECONDS, ...toUpdates(rows)];
  return (await redis.run(add, [rebuild, next, nextMembers, tombstones], args)) === 1;
}

/** Makes the next board the board, and ready, in one step. False when the rebuild is superseded: nothing changes. */
export async function switchRebuild(
  redis: ScriptRunner,
  leaderboardId: string,
  id: string,
): Promise<boolean> {
  const { rebuild, next, nextMembers, board, members, old, oldMembers, ready } = boardKeys(leaderboardId);
  const keys = [rebuild, next, nextMembers, board, members, old, oldMembers, ready];
  return (await redis.run(finish, keys, [toMarker(id), FORMAT])) === 1;
}

/** Drops a rebuild and what it has built. False when it is superseded: nothing changes. */
export async function abandonRebuild(
  redis: ScriptRunner,
  leaderboardId: string,
  id: string,
): Promise<boolean> {
  const { rebuild, next, nextMembers } = boardKeys(leaderboardId);
  return (await redis.run(abandon, [rebuild, next, nextMembers], [toMarker(id)])) === 1;
}

/** With the format, so that a process of another version does not write its members into this rebuild. */
function toMarker(id: string): string {
  return `${FORMAT}:${id}`;
}
