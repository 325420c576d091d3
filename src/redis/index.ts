/**
 * Redis, over its own protocol (REDIS_URL) or over Upstash's REST (UPSTASH_REDIS_REST_URL): one client, one set of
 * commands, one state of health.
 *
 * It never has to be there. A call is answered, refused (RedisRefused), or given up (RedisUnavailable), within 150 ms or
 * the limits it was given; while Redis is known to be away, calls fail at once and nothing is sent. A call that was given
 * up may still have been carried out: what is sent must bear coming late. Redis is used again within 2 s of its return.
 */
export type { RedisCalls, ScriptRunner } from './commands.ts';
export { connectRedis, type RedisClient } from './connect.ts';
export { RedisRefused, RedisUnavailable } from './errors.ts';
export type { RedisHealth } from './health.ts';
export { loadScript, type Script } from './script.ts';
export { SHARED_CALLS } from './shared-calls.ts';
