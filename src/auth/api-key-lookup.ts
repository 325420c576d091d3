import { LRUCache } from 'lru-cache';

import { createBulkhead } from '../bulkhead.ts';
import type { Database } from '../db/index.ts';
import { useApiKey } from './api-key-repository.ts';
import type { ApiKeyHolder } from './caller.ts';

/** Finds the holder of a key by its hash; undefined when it may not be used. */
export type ApiKeyLookup = (keyHash: string) => Promise<ApiKeyHolder | undefined>;

const MAX_CONCURRENT = 2;
const MAX_WAITING = 1000;
const MAX_WAIT_MS = 2000;
const MAX_PROVEN = 1000;

/**
 * Looks keys up so that those who make keys up cannot take every connection: keys that were never valid here share two
 * and a line, and throw unavailable beyond it. A key that was valid when last looked up, or is listed as known, passes
 * by that line, so that no flood of others can hold it up.
 */
export function createApiKeyLookup(db: Database, knownHashes: readonly string[]): ApiKeyLookup {
  const proven = new LRUCache<string, true>({ max: MAX_PROVEN });
  for (const keyHash of knownHashes) proven.set(keyHash, true);
  const strangers = createBulkhead({
    concurrent: MAX_CONCURRENT,
    waiting: MAX_WAITING,
    maxWaitMs: MAX_WAIT_MS,
    message: 'too many unknown API keys are being looked up',
  });
  return async (keyHash) => {
    const lookUp = async () => await useApiKey(db, keyHash);
    const holder = await (proven.has(keyHash) ? lookUp() : strangers(lookUp));
    if (holder === undefined) proven.delete(keyHash);
    else proven.set(keyHash, true);
    return holder;
  };
}
