import { loadScript, type ScriptRunner } from '../../redis/index.ts';
import { boardKeys } from './keys.ts';

const acquire = loadScript(new URL('acquire-sync-lock.lua', import.meta.url));
const renew = loadScript(new URL('renew-sync-lock.lua', import.meta.url));
const release = loadScript(new URL('release-sync-lock.lua', import.meta.url));

interface SyncLock {
  /** Who holds it: new for every process. */
  readonly id: string;
  readonly ttlMs: number;
}

/** Elects one process to sync a board. True also for who holds the lock already, whose answer may have been lost. */
export async function acquireSyncLock(
  redis: ScriptRunner,
  leaderboardId: string,
  { id, ttlMs }: SyncLock,
): Promise<boolean> {
  return (await redis.run(acquire, [boardKeys(leaderboardId).syncLock], [id, ttlMs])) === 1;
}

/** Holds the lock for another `ttlMs`. False when it expired, whoever has it now. */
export async function renewSyncLock(
  redis: ScriptRunner,
  leaderboardId: string,
  { id, ttlMs }: SyncLock,
): Promise<boolean> {
  return (await redis.run(renew, [boardKeys(leaderboardId).syncLock], [id, ttlMs])) === 1;
}

/** Gives the lock up. False when it expired; then it is left to who has it now. */
export async function releaseSyncLock(
  redis: ScriptRunner,
  leaderboardId: string,
  id: string,
): Promise<boolean> {
  return (await redis.run(release, [boardKeys(leaderboardId).syncLock], [id])) === 1;
}
