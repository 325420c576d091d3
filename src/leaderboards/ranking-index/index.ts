/**
 * The ranking index: a copy of every board's order in Redis, which can be lost at any time and built anew.
 *
 * A board is a sorted set (score = total, exact; member = place, see member.ts) and a hash that maps each player to
 * time and version of the one member. Every change is a script that compares versions, so changes may come twice, late
 * and out of order. A board is shown only when it is ready, which a completed rebuild makes it: rows are added to the
 * next board, while updates go to both, and a switch replaces the board. Deleted players leave tombstones for an hour;
 * after Redis was emptied, whoever rebuilds removes the deleted of that hour once more before the switch.
 */
export { applyScores } from './apply-scores.ts';
export { countIndexedPlayers, findIndexedScores, findIndexedTop } from './compare.ts';
export { dropReady } from './drop-ready.ts';
export type { IndexedEntries } from './entries.ts';
export { findIndexedPage } from './find-page.ts';
export { findIndexedPositions, type Sought } from './find-positions.ts';
export { findReport, saveReport } from './last-report.ts';
export { abandonRebuild, addRows, beginRebuild, switchRebuild } from './rebuild.ts';
export { findOrigin, type Origin, saveOrigin, startOver } from './origin.ts';
export { removePlayers } from './remove-players.ts';
export type { IndexedScore } from './score.ts';
export { acquireSyncLock, releaseSyncLock, renewSyncLock } from './sync-lock.ts';
export { findWatermark, raiseWatermark } from './watermark.ts';
