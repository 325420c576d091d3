import { setTimeout as pause } from 'node:timers/promises';

/** Whether work that never rejects is over within `ms`; no timer is left behind when it is. */
export async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const isOver = work.then(() => true);
  const isLate = pause(ms, false, { signal: timer.signal }).catch(() => false);
  return await Promise.race([isOver, isLate]).finally(() => timer.abort());
}
