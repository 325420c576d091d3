import { type RedisServer, startRedisServer } from '../../test/harness/redis-server.ts';
import type { Lifetime } from './lifetime.ts';

/** Starts a private, empty Redis; ended with the lifetime. */
export async function startBenchRedis(lifetime: Lifetime): Promise<RedisServer> {
  const server = await startRedisServer();
  lifetime.onEnd(async () => await server.remove());
  return server;
}

/** A figure of INFO, by its name and that of its section. */
export async function readRedisFigure(redis: RedisServer, section: string, name: string): Promise<number> {
  const info = String(await redis.ask('INFO', section));
  return Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)?.[1]);
}
