import type { Logger } from 'pino';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';

import { connectRedis, type RedisCalls, type RedisClient } from '../../src/redis/index.ts';
import { cleanUp } from './cleanup.ts';
import { type RedisServer, startRedisServer } from './redis-server.ts';
import { startUpstashServer } from './upstash-server.ts';

export const transports = ['resp', 'rest'] as const;
export type TransportKind = (typeof transports)[number];

/** Connects to a Redis server, by way of a REST server of its own if asked to; closed after the file. */
export async function connectBy(kind: TransportKind, url: string, log = silent): Promise<RedisClient> {
  const redis = connectRedis(kind === 'resp' ? { url } : await startUpstashServer(url), { log });
  cleanUp(async () => await redis.close());
  return redis;
}

/** A Redis server of one test's own; removed after it. */
export async function startOwnRedis(
  options: Parameters<typeof startRedisServer>[0] = {},
): Promise<RedisServer> {
  const server = await startRedisServer(options);
  onTestFinished(async () => await server.remove());
  return server;
}

/** Calls for tests that are not about deadlines, which a busy machine may miss. */
export function patient(redis: RedisClient): RedisCalls {
  return redis.within({ commandMs: 10_000 });
}

const silent = pino({ level: 'silent' });

export interface CollectedLog {
  readonly log: Logger;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
}

export function collectLog(): CollectedLog {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { log: pino({ level: 'trace', base: null }, { write }), lines };
}
