import { hash } from 'node:crypto';

import type { Clock } from '../clock.ts';
import { gatherCalls } from '../gather-calls.ts';
import { loadScript, type ScriptRunner, SHARED_CALLS } from '../redis/index.ts';
import { type CountedHits, countWindows, hitsInTurn } from './hits-in-turn.ts';
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

const countHits = loadScript(new URL('./count-hits.lua', import.meta.url));

/**
 * Counts for all processes in Redis, by its clock. Each hit is counted in this process as well, so that when Redis
 * fails the limit goes on with what this process knows, and is never off.
 */
export function createSharedWindowStore(options: SharedWindowStoreOptions): HitStore {
  const { redis, clock, name, local, limit, windowMs } = options;

  const countTogether = gatherCalls(async (hits: readonly string[]) => {
    const came = countWindows(hits);
    const windows = [...came.keys()];
    const args = [limit, windowMs, SLICES_PER_WINDOW, ...came.values()];
    return hitsInTurn(hits, toCountedHits(windows, await redis.run(countHits, windows, args)));
  }, SHARED_CALLS);

  return {
    ...local,
    increment: async (key) => {
      const known = await local.increment(key);
      const hit = await countTogether(toWindow(name, key)).catch(() => undefined);
      if (hit === undefined) return known;
      return {
        totalHits: hit.totalHits ?? limit + 1,
        resetTime: new Date(clock() + hit.fewerInMs),
      };
    },
  };
}

/** The windows of a limit have one hash tag, as one script counts hits in several of them. */
function toWindow(name: string, key: string): string {
  return `rate-limit:{${name}}:${hash('sha256', key, 'base64url')}`;
}

function toCountedHits(windows: readonly string[], reply: unknown): Map<string, CountedHits> {
  const numbers = (reply as readonly unknown[]).map(Number);
  const counted = new Map<string, CountedHits>();
  for (const [index, window] of windows.entries()) {
    const [admitted, hits, fewerInMs] = numbers.slice(index * 3, index * 3 + 3);
    if (admitted === undefined || hits === undefined || fewerInMs === undefined)
      throw new Error('a window was not counted');
    counted.set(window, { admitted, hits, fewerInMs });
  }
  return counted;
}
