import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createTestRedis } from '../../test/harness/redis.ts';
import { connectBy, patient } from '../../test/harness/redis-clients.ts';
import { until } from '../../test/harness/until.ts';
import { loadScript, type RedisClient } from '../redis/index.ts';
import { countHit, type Slice, SLICES_PER_WINDOW } from './sliding-window.ts';

async function connect(): Promise<RedisClient> {
  const redis = await connectBy('resp', await createTestRedis());
  await until('Redis is used', () => redis.health.usable);
  return redis;
}

describe('the script', async () => {
  const script = loadScript(new URL('./count-hits.lua', import.meta.url));
  const reading = /local time = .*\nlocal now = .*\n/;
  const atTime = script.text.replace(reading, 'local now = tonumber(ARGV[#ARGV])\n');
  const { commands } = patient(await connect());

  const WINDOW_MS = 60_000;
  const gaps = fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: WINDOW_MS / 8 }),
    fc.integer({ min: WINDOW_MS - 5000, max: WINDOW_MS + 5000 }),
    fc.integer({ min: -WINDOW_MS / 6, max: 0 }),
  );
  const limits = fc.integer({ min: 1, max: 6 });

  test('counts as countHit does, at whatever times hits come', async () => {
    expect(atTime).not.toBe(script.text);
    await fc.assert(
      fc.asyncProperty(
        fc.array(gaps, { minLength: 20, maxLength: 60, size: 'max' }),
        limits,
        async (run, limit) => {
          const key = `script:${randomUUID()}`;
          let slices: readonly Slice[] = [];
          let now = Date.UTC(2026, 0, 1);
          for (const gap of run) {
            now += gap;
            const expected = countHit(slices, now, { limit, windowMs: WINDOW_MS });
            slices = expected.slices;
            const args = [limit, WINDOW_MS, SLICES_PER_WINDOW, 1, now].map(String);
            const [admitted, hits, fewerInMs] = await commands.eval<string[], number[]>(atTime, [key], args);
            expect({ admitted: admitted === 1, hits, fewerAt: now + (fewerInMs ?? 0) }).toEqual({
              admitted: expected.admitted,
              hits: expected.hits,
              fewerAt: expected.fewerAt,
            });
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  test('counts hits that come at once as it counts them one after the other', async () => {
    const now = Date.UTC(2026, 0, 1);
    const count = async (key: string, limit: number, came: number) =>
      await commands.eval<string[], number[]>(
        atTime,
        [key],
        [limit, WINDOW_MS, SLICES_PER_WINDOW, came, now].map(String),
      );
    const counts = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(counts, limits, async (cames, limit) => {
        const [together, apart] = [`script:${randomUUID()}`, `script:${randomUUID()}`];
        for (const came of cames) {
          const replies: number[][] = [];
          while (replies.length < came) replies.push(await count(apart, limit, 1));
          const admitted = replies.reduce((sum, [one = 0]) => sum + one, 0);
          const [, hits, fewerInMs] = replies.at(-1) ?? [];
          expect(await count(together, limit, came)).toEqual([admitted, hits, fewerInMs]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test('counts each of the windows of one call for itself', async () => {
    const now = Date.UTC(2026, 0, 1);
    const keys = ['one', 'two', 'three'].map((name) => `script:{together}:${name}:${randomUUID()}`);
    const args = [3, WINDOW_MS, SLICES_PER_WINDOW, 2, 5, 1, now].map(String);
    const inFull = WINDOW_MS;
    expect(await commands.eval(atTime, keys, args)).toEqual([2, 2, inFull, 3, 3, inFull, 1, 1, inFull]);
    expect(await commands.eval(atTime, keys, args)).toEqual([1, 3, inFull, 0, 3, inFull, 1, 2, inFull]);
  });

  test('forgets what is no window, and counts the others', async () => {
    const now = Date.UTC(2026, 0, 1);
    const keys = ['list', 'odd', 'good'].map((name) => `script:{unreadable}:${name}:${randomUUID()}`);
    const [list = '', odd = ''] = keys;
    await commands.lpush(list, 'not a hash');
    await commands.hset(odd, { slice: 'not a count' });
    const args = [3, WINDOW_MS, SLICES_PER_WINDOW, 1, 1, 1, now].map(String);
    const first = [1, 1, WINDOW_MS];
    expect(await commands.eval(atTime, keys, args)).toEqual([...first, ...first, ...first]);
  });
});
