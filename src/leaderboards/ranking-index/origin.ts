import type { RedisCalls } from '../../redis/index.ts';
import { boardKeys } from './keys.ts';

/** The database that a board was last brought up to date from. */
export interface Origin {
  /** Cluster, database and timeline. */
  readonly database: string;
  /** How far its log went then, in bytes, in decimal digits. */
  readonly position: string;
}

export async function findOrigin(redis: RedisCalls, leaderboardId: string): Promise<Origin | undefined> {
  const text = await redis.commands.get<string>(boardKeys(leaderboardId).origin);
  const [database, position] = text?.split(' ') ?? [];
  return database === undefined || position === undefined ? undefined : { database, position };
}

export async function saveOrigin(
  redis: RedisCalls,
  leaderboardId: string,
  { database, position }: Origin,
): Promise<void> {
  await redis.commands.set(boardKeys(leaderboardId).origin, `${database} ${position}`);
}

/**
 * Keeps the board from being shown until it is built anew from `origin`, without what is remembered of deleted players:
 * there they may be alive.
 */
export async function startOver(redis: RedisCalls, leaderboardId: string, origin: Origin): Promise<void> {
  const { ready, tombstones, watermark } = boardKeys(leaderboardId);
  await redis.commands.del(ready, tombstones, watermark);
  await saveOrigin(redis, leaderboardId, origin);
}
