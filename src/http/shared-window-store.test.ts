import { describe, expect, test } from 'vitest';

import { createTestRedis } from '../../test/harness/redis.ts';
import { connectBy, patient, startOwnRedis, transports } from '../../test/harness/redis-clients.ts';
import { until } from '../../test/harness/until.ts';
import type { RedisClient, ScriptRunner } from '../redis/index.ts';
import { createSharedWindowStore } from './shared-window-store.ts';
import { createWindowStore, type HitStore } from './window-store.ts';

const WINDOW_MS = 60_000;
const ADMITTED_WITHIN_MS = 30_000;

interface StoreOptions {
  readonly limit?: number;
  readonly windowMs?: number;
  readonly name?: string;
}

/** As one process makes it. */
function createStore(redis: ScriptRunner, options: StoreOptions = {}): HitStore {
  const { limit = 3, windowMs = WINDOW_MS, name = 'test' } = options;
  const [window, clock] = [{ limit, windowMs }, Date.now];
  return createSharedWindowStore({
    ...window,
    redis,
    clock,
    name,
    local: createWindowStore({ ...window, clock }),
  });
}

async function hit(store: HitStore, key = 'key'): Promise<{ totalHits: number; resetsInMs: number }> {
  const { totalHits, resetTime } = await store.increment(key);
  return { totalHits, resetsInMs: (resetTime?.getTime() ?? NaN) - Date.now() };
}

async function totals(store: HitStore, count: number, key?: string): Promise<number[]> {
  const hits: number[] = [];
  while (hits.length < count) hits.push((await hit(store, key)).totalHits);
  return hits;
}

async function outlast(ms: number): Promise<void> {
  const beganAt = Date.now();
  await until(`${ms} ms have passed`, () => Date.now() - beganAt > ms);
}

interface Admission {
  readonly sentAt: number;
  readonly answeredAt: number;
}

/**
 * Hits all stores without a pause until as many were admitted; when each of them was counted, as exactly as can be told.
 * Rejects when a window admits nobody again.
 */
async function hitUntilAdmitted(stores: HitStore[], count: number, limit: number): Promise<Admission[]> {
  const admissions: Admission[] = [];
  const deadline = performance.now() + ADMITTED_WITHIN_MS;
  const hitOn = async (store: HitStore) => {
    while (admissions.length < count) {
      const sentAt = performance.now();
      if (sentAt > deadline) throw new Error(`only ${admissions.length} of ${count} hits were admitted`);
      const { totalHits } = await hit(store);
      if (totalHits <= limit) admissions.push({ sentAt, answeredAt: performance.now() });
    }
  };
  await Promise.all(stores.map(hitOn));
  return admissions;
}

/** The most that were surely counted within as many milliseconds. */
function mostWithin(admissions: readonly Admission[], ms: number): number {
  const within = ({ sentAt: from }: Admission) =>
    admissions.filter(({ sentAt, answeredAt }) => sentAt >= from && answeredAt <= from + ms).length;
  return Math.max(...admissions.map(within));
}

describe.each(transports)('a window that processes share over %s', async (kind) => {
  const url = await createTestRedis();
  const connect = async (at: string): Promise<RedisClient> => {
    const redis = await connectBy(kind, at);
    await until('Redis is usable', () => redis.health.usable);
    return redis;
  };
  const [one, other] = [patient(await connect(url)), patient(await connect(url))];

  test('admits exactly its limit of hits that come at once', async () => {
    const [limit, hits] = [100, 400];
    const stores = [one, other].map((redis) => createStore(redis, { name: 'at-once', limit }));
    const counted = await Promise.all(
      stores.flatMap((store) => Array.from({ length: hits / 2 }, async () => (await hit(store)).totalHits)),
    );
    const ascending = counted.toSorted((a, b) => a - b);
    const refused = Array.from({ length: hits - limit }, () => limit + 1);
    expect(ascending).toEqual([...Array.from({ length: limit }, (_, n) => n + 1), ...refused]);
  });

  test('never admits more in any window, and admits again in each', async () => {
    const [limit, windowMs, windows] = [20, 600, 5];
    const stores = [one, other].map((redis) => createStore(redis, { name: 'sliding', limit, windowMs }));
    const admitted = await hitUntilAdmitted(stores, windows * limit, limit);
    // Redis counts whole milliseconds.
    expect(mostWithin(admitted, windowMs - 1)).toBeLessThanOrEqual(limit);
  });

  test('tells how many hits there were, and when there will be fewer, whoever asks', async () => {
    const windowMs = 1500;
    const [a, b] = [one, other].map((redis) => createStore(redis, { name: 'told', limit: 2, windowMs }));
    if (a === undefined || b === undefined) throw new Error('there are two stores');
    const beganAt = Date.now();
    expect((await hit(a)).totalHits).toBe(1);
    const countedBy = Date.now();
    await outlast(300);
    expect((await hit(b)).totalHits).toBe(2);
    const { totalHits, resetTime } = await a.increment('key');
    expect(totalHits).toBe(3);
    // What lies between the clocks is the time of the answer.
    expect(resetTime?.getTime()).toBeGreaterThanOrEqual(beganAt + windowMs - 1);
    expect(resetTime?.getTime()).toBeLessThanOrEqual(countedBy + windowMs + 100);
    await until('there are fewer', () => Date.now() > (resetTime?.getTime() ?? Infinity));
    expect((await hit(b)).totalHits).toBe(2);
  });

  test('is one of its key and of its limit', async () => {
    const [a, b] = [createStore(one, { limit: 1 }), createStore(other, { limit: 1 })];
    expect(await totals(a, 2, 'a key')).toEqual([1, 2]);
    expect(await totals(b, 1, 'a key')).toEqual([2]);
    expect(await totals(b, 2, 'another key')).toEqual([1, 2]);
    expect(await totals(createStore(one, { limit: 1, name: 'of-another-name' }), 2, 'a key')).toEqual([1, 2]);
  });

  test('is gone from Redis when it is over, and keeps no key as a client sent it', async () => {
    const redis = patient(await connect(await createTestRedis()));
    const store = createStore(redis, { windowMs: 1000 });
    const secret = 'what a client sent';
    await totals(store, 4, secret);
    const keys = await redis.commands.keys('*');
    expect(keys).toEqual([expect.stringMatching(/^rate-limit:\{test\}:[\w-]{43}$/)]);
    const remaining = await redis.commands.pttl(keys[0] ?? '');
    expect(remaining).toBeGreaterThan(0);
    expect(remaining).toBeLessThanOrEqual(1000);
    await until('it is over', async () => (await redis.commands.dbsize()) === 0, { timeoutMs: 3000 });
  });

  test('begins afresh when the clock of Redis was set back by more than a window', async () => {
    const redis = patient(await connect(await createTestRedis()));
    const store = createStore(redis, { limit: 1 });
    await hit(store);
    const [key = ''] = await redis.commands.keys('*');
    const future = Date.now() + 2 * WINDOW_MS;
    await redis.commands.del(key);
    await redis.commands.hset(key, { [Math.floor((future * 12) / WINDOW_MS)]: `1 ${future}` });
    expect(await totals(store, 2)).toEqual([1, 2]);
    expect(await redis.commands.hlen(key)).toBe(1);
  });

  test.each(['crash', 'freeze'] as const)(
    'goes on with the hits of the process after a %s',
    async (fault) => {
      const server = await startOwnRedis();
      const store = createStore(await connect(server.url));
      await until('Redis counts in time', async () => (await hit(store, 'warm')).totalHits > 1);
      expect(await totals(store, 3, 'spent')).toEqual([1, 2, 3]);
      expect(await totals(store, 2, 'not spent')).toEqual([1, 2]);
      await server[fault]();
      const { totalHits, resetsInMs } = await hit(store, 'spent');
      expect(totalHits).toBe(4);
      expect(resetsInMs).toBeGreaterThan(0);
      expect(resetsInMs).toBeLessThanOrEqual(WINDOW_MS);
      expect(await totals(store, 2, 'not spent')).toEqual([3, 4]);
      expect(await totals(store, 4, 'new')).toEqual([1, 2, 3, 4]);
    },
  );

  test('counts together again when Redis is back', async () => {
    const server = await startOwnRedis();
    const clients = [await connect(server.url), await connect(server.url)];
    const [a, b] = clients.map((redis) => createStore(patient(redis)));
    if (a === undefined || b === undefined) throw new Error('there are two stores');
    await server.crash();
    await until('both have noticed', async () => {
      for (const store of [a, b]) await hit(store);
      return clients.every(({ health }) => !health.usable);
    });
    await server.start();
    await until('Redis is usable', () => clients.every(({ health }) => health.usable));
    expect(await totals(a, 3, 'later')).toEqual([1, 2, 3]);
    expect(await totals(b, 1, 'later')).toEqual([4]);
  });

  test('counts in the process once the client is closed', async () => {
    const redis = await connect(url);
    const store = createStore(redis, { name: 'closed', limit: 2 });
    expect(await totals(store, 1)).toEqual([1]);
    await redis.close();
    expect(await totals(store, 2)).toEqual([2, 3]);
  });
});
