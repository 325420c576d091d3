import { LRUCache } from 'lru-cache';

/** About 15 MiB. */
const MAX_NAMES = 100_000;
/** A name never changes, and a player who is gone leaves the index at once: this only forgets what is idle. */
const TTL_MS = 10 * 60_000;

/** Finds the names of some players, those that are known without asking; a player who does not exist is missing. */
export type Usernames = (userIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export function cacheUsernames(find: Usernames): Usernames {
  const cache = new LRUCache<string, string>({ max: MAX_NAMES, ttl: TTL_MS });
  return async (userIds) => {
    const names = new Map<string, string>();
    for (const userId of userIds) {
      const name = cache.get(userId);
      if (name !== undefined) names.set(userId, name);
    }
    const unknown = userIds.filter((userId) => !names.has(userId));
    if (unknown.length === 0) return names;
    for (const [userId, name] of await find(unknown)) {
      cache.set(userId, name);
      names.set(userId, name);
    }
    return names;
  };
}
