import type { RedisCalls } from '../../redis/index.ts';
import { boardKeys } from './keys.ts';

/** Keeps the board from being shown until it is built anew. */
export async function dropReady(redis: RedisCalls, leaderboardId: string): Promise<void> {
  await redis.commands.del(boardKeys(leaderboardId).ready);
}
