import type { RedisCalls } from '../../redis/index.ts';
import { boardKeys } from './keys.ts';

const TTL_SECONDS = 7 * 86_400;

/** Keeps what the last sync of a board said, for a week. */
export async function saveReport(redis: RedisCalls, leaderboardId: string, report: string): Promise<void> {
  await redis.commands.set(boardKeys(leaderboardId).report, report, { ex: TTL_SECONDS });
}

export async function findReport(redis: RedisCalls, leaderboardId: string): Promise<string | undefined> {
  return (await redis.commands.get<string>(boardKeys(leaderboardId).report)) ?? undefined;
}
