import type { Config } from '../../config.ts';
import { listenForNotices } from '../../db/index.ts';
import type { BoardChange, BoardChanges } from '../../leaderboards/index.ts';
import type { RedisClient } from '../../redis/index.ts';
import type { Logger } from '../../telemetry/log.ts';
import { type Bus, type Carrier, joinBus, type Listener } from './bus.ts';

interface OpenBusDependencies {
  readonly config: Pick<Config, 'database'>;
  readonly redis: RedisClient | undefined;
  readonly changes: BoardChanges;
  readonly live: { hear(change: BoardChange): void; rereadAll(): Promise<void> };
  readonly log: Logger;
}

/** Channels of PostgreSQL belong to one database; those of Redis to the whole server. */
const NAME = 'laurel_changes';

/** By way of Redis where there is one, else of PostgreSQL. The embedded store has one process, and no bus. */
export async function openBus({ config, redis, ...deps }: OpenBusDependencies): Promise<Bus | undefined> {
  const { url, caFile } = config.database;
  if (redis !== undefined) return await joinBus(async (listener) => await onRedis(redis, listener), deps);
  if (url === undefined) return undefined;
  return await joinBus(
    async (listener) => listenForNotices({ url, caFile }, { channel: NAME, ...listener, log: deps.log }),
    deps,
  );
}

async function onRedis(redis: RedisClient, listener: Listener): Promise<Carrier> {
  const channel = `${NAME}:${redis.database}`;
  const subscription = await redis.subscribe(channel, listener);
  return {
    send: async (text) => void (await redis.commands.publish(channel, text)),
    close: async () => await subscription.close(),
  };
}
