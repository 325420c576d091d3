import { hash } from 'node:crypto';

import type { Clock } from '../clock.ts';
import { loadScript, type ScriptRunner } from '../redis/index.ts';
import { type CountedHits, gatherHits } from './gather-hits.ts';
import { type SlidingWindow, SLICES_PER_WINDOW } from './sliding-window.ts';
import type { HitStore } from './window-store.ts';

interface SharedWindowStoreOptions extends SlidingWindow {
  readonly redis: ScriptRunner;
  readonly clock: Clock;
  /** Of the limit: each counts by itself. */
  readonly name: string;
  /** Counts whenever Redis does not. */
  readonly local: HitStore;
}

const countHit = loadScript(new URL('./count-hit.lua', import.meta.url));

/**
 * Counts for all processes in Redis, by its clock. Each hit is counted in this process as well, so that when Redis
 * fails the limit goes on with what this process knows, and is never off.
 */
export function createSharedWindowStore(options: SharedWindowStoreOptions): HitStore {
  const { redis, clock, name, local, limit, windowMs } = options;
  const countTogether = gatherHits(
    async (window, came) =>
      await redis
        .run(countHit, [window], [limit, windowMs, SLICES_PER_WINDOW, came])
        .then(toCountedHits)
        .catch(() => undefined),
  );
  return {
    ...local,
    increment: async (key) => {
      const known = await local.increment(key);
      const hit = await countTogether(`rate-limit:${name}:${hash('sha256', key, 'base64url')}`);
      if (hit === undefined) return known;
      return {
        totalHits: hit.totalHits ?? limit + 1,
        resetTime: new Date(clock() + hit.fewerInMs),
      };
    },
  };
}

function toCountedHits(reply: unknown): CountedHits {
  const [admitted = 0, hits = 0, fewerInMs = 0] = (reply as readonly unknown[]).map(Number);
  return { admitted, hits, fewerInMs };
}
