import { describe, expect, onTestFinished, test } from 'vitest';

import { makeCertificates } from '../../test/harness/certificates.ts';
import { makeTemporaryDirectory } from '../../test/harness/database.ts';
import { collectLog, connectBy, patient, startOwnRedis } from '../../test/harness/redis-clients.ts';
import type { RedisServer } from '../../test/harness/redis-server.ts';
import { until } from '../../test/harness/until.ts';
import { startUpstashServer } from '../../test/harness/upstash-server.ts';
import { connectRedis, type RedisCalls, RedisUnavailable } from './index.ts';

/** The first attempts of a busy machine may just have been too slow. */
async function expectReason({ commands }: RedisCalls, reason: string): Promise<void> {
  const error = await until('the reason is known', async () => {
    const failure = await commands.ping().catch((failed: Error) => failed);
    if (!(failure instanceof Error)) throw new Error('Redis was used');
    const { message, code } = failure.cause as NodeJS.ErrnoException;
    return `${code} ${message}`.includes(reason) && failure;
  });
  expect(error).toBeInstanceOf(RedisUnavailable);
}

async function rejections(server: RedisServer): Promise<number> {
  const errors = String(await server.ask('INFO', 'errorstats'));
  return Number(/errorstat_WRONGPASS:count=(\d+)/.exec(errors)?.[1]);
}

describe('a password', () => {
  const password = 'p@ss/w%rd';
  const withPassword = ({ port }: RedisServer, word: string) =>
    `redis://default:${encodeURIComponent(word)}@127.0.0.1:${port}/3`;

  test('opens the server, and the database of the URL is used', async () => {
    const server = await startOwnRedis({ password });
    const redis = await connectBy('resp', withPassword(server, password));
    await until('Redis is usable', () => redis.health.usable);
    await patient(redis).commands.set('key', 'value');
    expect(await server.ask('INFO', 'keyspace')).toContain('db3:keys=1');
  });

  test('that is wrong is logged once, and not told', async () => {
    const server = await startOwnRedis({ password: 'the-right-one' });
    const { log, lines } = collectLog();
    const redis = await connectBy('resp', withPassword(server, 'the-wrong-one'), log);
    await until('it was tried again and again', async () => (await rejections(server)) > 3);
    await expectReason(redis, 'WRONGPASS');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ msg: 'Redis is not used' });
    expect(JSON.stringify(lines)).not.toContain('the-');
  });

  test('is not told when the server cannot be reached', async () => {
    const { log, lines } = collectLog();
    const redis = await connectBy('resp', 'redis://user:the-secret@127.0.0.1:1', log);
    await until('it was logged', () => lines.length > 0);
    await expectReason(redis, 'ECONNREFUSED');
    expect(JSON.stringify(lines)).not.toContain('the-secret');
  });
});

test('a wrong token is logged once, and not told', async () => {
  const server = await startOwnRedis();
  const { log, lines } = collectLog();
  const { restUrl } = await startUpstashServer(server.url);
  const redis = connectRedis({ restUrl, restToken: 'the-wrong-one' }, { log });
  onTestFinished(async () => await redis.close());
  await until('it was logged', () => lines.length > 0);
  await expectReason(redis, 'WRONGPASS');
  expect(JSON.stringify(lines)).not.toContain('the-wrong-one');
});

describe('TLS', () => {
  test('is demanded by rediss://, with the authorities of the file', async () => {
    const tls = makeCertificates(makeTemporaryDirectory());
    const server = await startOwnRedis({ tls, password: 'secret' });
    const { log } = collectLog();
    const redis = connectRedis({ url: server.url, caFile: tls.caFile }, { log });
    onTestFinished(async () => await redis.close());
    await until('Redis is usable', () => redis.health.usable);
    expect(await patient(redis).commands.ping()).toBe('PONG');
  });

  test('does not take a certificate that nobody vouches for', async () => {
    const server = await startOwnRedis({ tls: makeCertificates(makeTemporaryDirectory()) });
    const { log, lines } = collectLog();
    const redis = connectRedis({ url: server.url }, { log });
    onTestFinished(async () => await redis.close());
    await until('it was logged', () => lines.length > 0);
    await expectReason(redis, 'SELF_SIGNED_CERT_IN_CHAIN');
  });
});

test('attempts that a server refuses leave no connection behind', async () => {
  const server = await startOwnRedis({ password: 'a password of the tests' });
  const redis = await connectBy('resp', Object.assign(new URL(server.url), { password: '' }).href);
  const countOf = async (pattern: RegExp) => Number(pattern.exec(String(await server.ask('INFO')))?.[1]);
  await until('it was tried often', async () => (await countOf(/total_error_replies:(\d+)/)) >= 20);
  // The one that asks, and the attempt under way.
  expect(await countOf(/connected_clients:(\d+)/)).toBeLessThanOrEqual(2);
  await redis.close();
});
