import { type RedisServer, startRedisServer } from '../../test/harness/redis-server.ts';
import type { Lifetime } from './lifetime.ts';

/** Starts a private, empty Redis; ended with the lifetime. */
export async function startBenchRedis(lifetime: Lifetime): Promise<RedisServer> {
  const server = await startRedisServer();
  lifetime.onEnd(async () => await server.remove());
  return server;
}
