import { hash } from 'node:crypto';

import type { Store } from 'hono-rate-limiter';
import { LRUCache } from 'lru-cache';

import type { Clock } from '../clock.ts';
import { countHit, hasRecent, type Slice, type SlidingWindow } from './sliding-window.ts';

/**
 * Where the hits of one limit are counted.
 * `totalHits` is above the limit when the hit was refused; `resetTime` is when there are fewer, by the service's clock.
 */
export type HitStore = Pick<Store, 'increment' | 'decrement' | 'resetKey'>;

interface WindowStoreOptions extends SlidingWindow {
  readonly clock: Clock;
  readonly maxKeys?: number;
}

/** With one hit each they take 39 MiB, and 110 MiB at the most (measured with Node 20). */
const MAX_KEYS = 100_000;

/**
 * Counts in this process's memory, a bounded number of keys. Beyond it the key that was met least recently is
 * forgotten: its client begins afresh, so a limit holds as long as fewer than `maxKeys` clients come in a window.
 * A key that nobody used for a window is forgotten too, at the latest when another window has passed.
 */
export function createWindowStore({ clock, maxKeys = MAX_KEYS, ...window }: WindowStoreOptions): HitStore {
  const windows = new LRUCache<string, readonly Slice[]>({ max: maxKeys });
  let sweptAt = clock();
  const sweep = (now: number) => {
    if (Math.abs(now - sweptAt) < window.windowMs) return;
    sweptAt = now;
    for (const [id, slices] of windows) if (!hasRecent(slices, now, window.windowMs)) windows.delete(id);
  };
  return {
    increment: (key) => {
      const now = clock();
      sweep(now);
      const id = toId(key);
      const { slices, admitted, hits, fewerAt } = countHit(windows.get(id) ?? [], now, window);
      windows.set(id, slices);
      return { totalHits: admitted ? hits : window.limit + 1, resetTime: new Date(fewerAt) };
    },
    resetKey: (key) => void windows.delete(toId(key)),
    decrement: () => {
      throw new Error('a hit that was counted stays counted');
    },
  };
}

/** Of one size, whatever a client sent, and not a slice that keeps the whole header it was cut from in memory. */
function toId(key: string): string {
  return hash('sha256', key, 'base64url');
}
