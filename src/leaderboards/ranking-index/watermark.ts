import type { Instant } from '../../db/index.ts';
import { loadScript, type ScriptRunner } from '../../redis/index.ts';
import { boardKeys } from './keys.ts';
import { fromMicroseconds, toMicroseconds } from './microseconds.ts';

const find = loadScript(new URL('find-watermark.lua', import.meta.url));
const raise = loadScript(new URL('raise-watermark.lua', import.meta.url));

/** Finds the time up to which the board holds every update; an emptied Redis has none. */
export async function findWatermark(
  redis: ScriptRunner,
  leaderboardId: string,
): Promise<Instant | undefined> {
  const reply = await redis.run(find, [boardKeys(leaderboardId).watermark], []);
  return reply === null ? undefined : fromMicroseconds(Number(reply));
}

/** Moves the watermark forward, never back; returns where it is then. */
export async function raiseWatermark(
  redis: ScriptRunner,
  leaderboardId: string,
  to: Instant,
): Promise<Instant> {
  const reply = await redis.run(raise, [boardKeys(leaderboardId).watermark], [toMicroseconds(to)]);
  return fromMicroseconds(Number(reply));
}
