import { randomUUID } from 'node:crypto';

import type { RedisCalls } from '../../redis/index.ts';
import { acquireSyncLock, releaseSyncLock, renewSyncLock } from '../ranking-index/index.ts';

const TTL_MS = 10_000;
const RENEW_MS = 3000;

/** Undefined when another process holds the board's lock. */
export async function withSyncLock<Result>(
  redis: RedisCalls,
  leaderboardId: string,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result } | undefined> {
  const lock = { id: randomUUID(), ttlMs: TTL_MS };
  if (!(await acquireSyncLock(redis, leaderboardId, lock))) return undefined;
  // A lock that is lost all the same only means that two may work: they do not harm each other.
  const renewal = setInterval(() => void renewSyncLock(redis, leaderboardId, lock).catch(() => {}), RENEW_MS);
  try {
    return { result: await work() };
  } finally {
    clearInterval(renewal);
    await releaseSyncLock(redis, leaderboardId, lock.id).catch(() => {});
  }
}
