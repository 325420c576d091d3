import { describe, expect, test } from 'vitest';

import { createTestRedis } from '../../test/harness/redis.ts';
import { connectBy, patient, transports } from '../../test/harness/redis-clients.ts';
import { until } from '../../test/harness/until.ts';
import { RedisRefused, type RedisClient } from './index.ts';

const MAX_SCORE = Number.MAX_SAFE_INTEGER;

async function connect(kind: (typeof transports)[number]): Promise<RedisClient> {
  const redis = await connectBy(kind, await createTestRedis());
  await until('Redis is usable', () => redis.health.usable);
  return redis;
}

const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i)).join('');

describe.each(transports)('over %s', async (kind) => {
  const redis = await connect(kind);
  const { commands } = patient(redis);

  test.each([
    ['printable ASCII', printable],
    ['what looks like a number', '007'],
    ['what looks like JSON', '{"a": [1, null]}'],
    ['what looks like null', 'null'],
    ['what looks like base64', 'T0s='],
    ['OK', 'OK'],
    ['line breaks and NUL', 'a\r\nb\0c'],
    ['characters of four bytes', '\u{1F3C6}\u00e9'],
    ['nothing', ''],
  ])('keeps %s as it is', async (_what, text) => {
    expect(await commands.set('text', text)).toBe('OK');
    expect(await commands.get('text')).toBe(text);
    expect(await commands.pipeline().get('text').mget('text', 'text').exec()).toEqual([text, [text, text]]);
  });

  test('keeps a text of a megabyte', async () => {
    const text = 'x'.repeat(1_000_000);
    await commands.set('long', text);
    expect(await commands.get('long')).toBe(text);
  });

  test('answers what is missing with null', async () => {
    expect(await commands.get('missing')).toBeNull();
    expect(await commands.mget('missing', 'missing')).toEqual([null, null]);
  });

  test('answers integers with numbers, exact up to 2^53 - 1', async () => {
    await commands.set('counter', String(MAX_SCORE - 60));
    for (let below = 59; below >= 0; below -= 1)
      expect(await commands.incr('counter')).toBe(MAX_SCORE - below);
    expect(await commands.set('counter', -MAX_SCORE, { get: true })).toBe(String(MAX_SCORE));
    expect(await commands.incrby('counter', 0)).toBe(-MAX_SCORE);
  });

  test('answers scores with text, and flat lists', async () => {
    await commands.zadd('board', { score: MAX_SCORE, member: 'a' }, { score: 1.5, member: 'b' });
    expect(await commands.zscore('board', 'a')).toBe(String(MAX_SCORE));
    const page = await commands.zrange('board', 0, -1, { withScores: true, rev: true });
    expect(page).toEqual(['a', String(MAX_SCORE), 'b', '1.5']);
    await commands.hset('hash', { version: 12, member: 'm' });
    expect(await commands.hgetall('hash')).toEqual(['version', '12', 'member', 'm']);
  });

  test('runs a pipeline in order', async () => {
    const replies = await commands.pipeline().set('p', 1).incrby('p', 41).get('p').del('p').get('p').exec();
    expect(replies).toEqual(['OK', 42, '42', 1, null]);
  });

  test('runs a transaction without others in between', async () => {
    const increments = async () => await commands.multi().incr('t').incr('t').get('t').exec<number[]>();
    const all = await Promise.all(Array.from({ length: 20 }, increments));
    for (const [first = 0, second, third] of all)
      expect([second, third]).toEqual([first + 1, String(first + 1)]);
  });

  test.each([
    ['a command', async () => await commands.lpush('text', 'x')],
    ['a pipeline', async () => await commands.pipeline().get('text').lpush('text', 'x').exec()],
    ['a transaction', async () => await commands.multi().get('text').lpush('text', 'x').exec()],
  ])('rejects %s that is refused, and says nothing of what was sent', async (_what, send) => {
    await commands.set('text', 'secret');
    const refused = new RedisRefused(
      'WRONGTYPE',
      'WRONGTYPE Operation against a key holding the wrong kind of value',
    );
    await expect(send()).rejects.toEqual(refused);
    await expect(send()).rejects.toHaveProperty('code', 'WRONGTYPE');
    expect(redis.health.usable).toBe(true);
  });

  test('runs none of a transaction that has a bad command', async () => {
    const transaction = commands.multi().set('never', 1).lpush('list');
    await expect(transaction.exec()).rejects.toMatchObject({ code: 'EXECABORT' });
    expect(await commands.get('never')).toBeNull();
  });

  test('does not subscribe by its commands', async () => {
    const errors: unknown[] = [];
    commands.subscribe('channel').on('error', (error) => errors.push(error));
    await until('it is refused', () => errors.length > 0);
    expect(errors).toEqual([new Error('subscribe with the client, not with its commands')]);
  });
});
